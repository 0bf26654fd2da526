#include "generator/shell_mounts.h"

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

}  // namespace

absl::StatusOr<ShellMounts> TakeShellMounts(const RunSpec& run, const std::vector<std::string>& sources,
                                            Store* store) {
  ShellMounts out;
  StepContext context;
  context.store = store;
  context.args.dir = kStateName;
  context.args.source = sources;
  // What is noted beside a record is the RUN's own affair.
  ASSIGN_OR_RETURN(out.scratch, store->NewScratch());
  context.args.out = JoinPath(out.scratch.path(), "record.json");
  ASSIGN_OR_RETURN(const BuildSecrets secrets, ReadBuildSecrets(context.args.dir));
  RunSpec spec = run;
  spec.mounts.clear();
  for (const MountSpec& mount : run.mounts) {
    if (!IsSecret(mount) || IsGiven(mount, secrets)) {
      spec.mounts.push_back(mount);
    } else {
      out.lacks.push_back(mount.target.empty() ? absl::StrCat(mount.type, " in $", mount.env)
                                               : absl::StrCat(mount.type, " at ", mount.target));
    }
  }
  ASSIGN_OR_RETURN(const RunMounts mounts, ReadRunMounts(spec, context));
  SandboxOptions options;
  RETURN_IF_ERROR(AddRunMounts(spec, mounts, context, &options));
  ASSIGN_OR_RETURN(out.held, TakeRunResources(spec, mounts, context, &options));
  out.mounts = std::move(options.mounts);
  out.env = std::move(options.env);
  return out;
}

}  // namespace kasane
