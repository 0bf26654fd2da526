#include "src/steps/workdir.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/status.h"
#include "src/contract/owner.h"
#include "src/contract/record.h"
#include "src/steps/common_gaps.h"
#include "src/steps/common_report.h"
#include "src/steps/common_result.h"
#include "src/steps/common_time.h"
#include "src/steps/common_user.h"
#include "src/steps/copy_target.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

constexpr int kKeyVersion = 1;
constexpr uint32_t kMode = 0755;

}  // namespace

absl::StatusOr<StepOutcome> RunWorkdirStep(const WorkdirSpec& spec, const StepContext& context) {
  const StepArgs& args = context.args;
  ASSIGN_OR_RETURN(const Chain chain, ReadChain(args.below));
  ASSIGN_OR_RETURN(const Tree below, ComposeTree(context.store, chain.base_tree, chain.deltas));

  Entry made;
  made.type = EntryType::kDirectory;
  made.mode = kMode;
  made.mtime = StepTime(spec.epoch);
  if (!spec.user.empty()) {
    if (args.below.empty() && OwnerHasName(spec.user)) {
      return ReportStepError(
          context, absl::StrCat("USER ", spec.user, ": names cannot be looked up in an empty stage"),
          "use numbers: USER UID:GID");
    }
    ASSIGN_OR_RETURN(const Owner owner, ResolveOwner(*context.store, below, spec.user));
    made.uid = owner.uid;
    made.gid = owner.gid;
  }

  CopyTarget target(below);
  absl::StatusOr<std::string> path = target.Resolve(spec.path);
  absl::Status status = path.status();
  if (status.ok()) status = target.MakeDirs(*path, made, !spec.user.empty());
  if (target.met_gap()) return GapMet("");
  if (!status.ok()) {
    return ReportStepError(context, absl::StrCat("cannot make \"", spec.path, "\": ", status.message()));
  }
  ASSIGN_OR_RETURN(const Delta delta, target.Finish());

  std::string text = "workdir";
  PutVarint(&text, kKeyVersion);
  PutBytes(&text, args.spec.bytes());
  PutVarint(&text, made.uid);
  PutVarint(&text, made.gid);
  target.DescribeMet(&text);
  const Digest key = Sha256Of(text);

  absl::optional<Record> found;
  if (args.fresh.empty()) found = FindDeltaResult(*context.store, key);
  const bool hit = found.has_value();
  if (!hit) {
    Record record;
    record.kind = "workdir";
    record.created = FormatTime(made.mtime);
    ASSIGN_OR_RETURN(found,
                     PublishDeltaResult(context.store, args, spec.epoch, key, delta, std::move(record)));
  }
  RETURN_IF_ERROR(WriteRecord(args.out, *found).status());
  return StepOutcome{absl::StrCat(hit ? "hit " : "ran ", context.origin().text)};
}

}  // namespace kasane
