#include "src/steps/run_gaps.h"

#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/contract/spec_file.h"
#include "src/steps/run.h"

namespace kasane {
namespace {

using Records = std::vector<std::string>;

// `chain`: the records of one tree, bottom first.
absl::Status FillChain(const StepContext& context, const Records& chain) {
  for (size_t i = 0; i < chain.size(); ++i) {
    ASSIGN_OR_RETURN(const Record record, ReadRecord(chain[i]));
    if (record.warm.empty()) continue;
    ASSIGN_OR_RETURN(const Spec spec, ReadSpec(JoinPath(context.args.dir, "specs"), record.warm));
    const auto* run = std::get_if<RunSpec>(&spec);
    if (run == nullptr)
      return absl::InternalError(absl::StrCat(chain[i], " does not name the spec of a RUN"));
    StepContext again = context;
    again.args.spec = record.warm;
    again.args.out = chain[i];
    again.args.below.assign(chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(i));
    again.args.source.clear();
    again.args.log.clear();
    again.args.fresh.clear();
    ASSIGN_OR_RETURN(const StepOutcome outcome, RunRunStepCold(*run, again));
    fprintf(stderr, "kasane: %s needs all of its tree: %s\n", context.origin().text.c_str(),
            outcome.line.c_str());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FillGaps(const Spec& spec, const StepContext& context) {
  RETURN_IF_ERROR(FillChain(context, context.args.below));
  const Records& source = context.args.source;
  if (const auto* run = std::get_if<RunSpec>(&spec)) {
    auto next = source.begin();
    for (const MountSpec& mount : run->mounts) {
      if (mount.from != "stage" || mount.records > source.end() - next) continue;
      RETURN_IF_ERROR(FillChain(context, Records(next, next + mount.records)));
      next += mount.records;
    }
    return absl::OkStatus();
  }
  // Files from the network come last; they have no gaps.
  return FillChain(context, source);
}

}  // namespace kasane
