#include "generator/shell_mounts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "generator/layout.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/contract/build_secrets.h"
#include "src/contract/step.h"
#include "src/steps/run_mounts.h"

namespace kasane {
namespace {

bool IsSecret(const MountSpec& mount) { return mount.type == "secret" || mount.type == "ssh"; }

// "secret token": what is not asked for. A mount's id is what it says, or made of its target.
template <typename Map>
void AddUnused(const std::vector<MountSpec>& mounts, const char* type, const Map& given,
               std::vector<std::string>* unused) {
  for (const auto& [id, source] : given) {
    const bool used = std::any_of(mounts.begin(), mounts.end(), [&, name = id](const MountSpec& mount) {
      return mount.type == type && mount.id == name;
    });
    if (!used) unused->push_back(absl::StrCat(type, " ", id));
  }
}

}  // namespace

absl::StatusOr<ShellMounts> TakeShellMounts(const RunSpec& run, const std::vector<std::string>& sources,
                                            const BuildSecrets& given, Store* store) {
  ShellMounts out;
  StepContext context;
  context.store = store;
  context.args.dir = kStateName;
  context.args.source = sources;
  // What is noted beside a record is the RUN's own affair.
  ASSIGN_OR_RETURN(out.scratch, store->NewScratch());
  context.args.out = JoinPath(out.scratch.path(), "record.json");
  ASSIGN_OR_RETURN(BuildSecrets secrets, ReadBuildSecrets(context.args.dir));
  for (const auto& [id, source] : given.secrets) secrets.secrets[id] = source;
  for (const auto& [id, paths] : given.agents) secrets.agents[id] = paths;
  AddUnused(run.mounts, "secret", given.secrets, &out.unused);
  AddUnused(run.mounts, "ssh", given.agents, &out.unused);
  RunSpec spec = run;
  spec.mounts.clear();
  for (const MountSpec& mount : run.mounts) {
    if (!IsSecret(mount) || IsGiven(mount, secrets)) {
      spec.mounts.push_back(mount);
    } else {
      out.lacks.push_back(mount.target.empty()
                              ? absl::StrCat(mount.type, " ", mount.id, " in $", mount.env)
                              : absl::StrCat(mount.type, " ", mount.id, " at ", mount.target));
    }
  }
  ASSIGN_OR_RETURN(const RunMounts mounts, ReadRunMounts(spec, context));
  SandboxOptions options;
  RETURN_IF_ERROR(AddRunMounts(spec, mounts, secrets, &options));
  ASSIGN_OR_RETURN(out.held, TakeRunResources(spec, mounts, secrets, store, &options));
  out.mounts = std::move(options.mounts);
  out.env = std::move(options.env);
  return out;
}

}  // namespace kasane
