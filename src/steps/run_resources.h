// The mounts of a RUN, as the sandbox is asked for them.
#ifndef KASANE_SRC_STEPS_RUN_RESOURCES_H_
#define KASANE_SRC_STEPS_RUN_RESOURCES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/contract/build_secrets.h"
#include "src/contract/spec.h"
#include "src/sandbox/sandbox.h"
#include "src/steps/run_caches.h"
#include "src/steps/run_mounts.h"
#include "src/steps/run_secrets.h"
#include "src/store/store.h"

namespace kasane {

// Adds to `options` all that the spec mounts, as far as a result can depend on it: what is where. Caches,
// secrets and agents are still without a path or content.
// `secrets`: those of the build.
absl::Status AddRunMounts(const RunSpec& spec, const RunMounts& mounts, const BuildSecrets& secrets,
                          SandboxOptions* options);

// What a RUN holds while it is executed.
struct RunResources {
  RunCaches caches;
  RunSecrets secrets;
};

// Takes caches, reads secrets and starts agents, and completes what AddRunMounts has left open. Waits for
// locked caches. What is returned must live until the RUN has ended. kInvalidArgument and kNotFound are for
// the user. The process must have one thread only.
absl::StatusOr<RunResources> TakeRunResources(const RunSpec& spec, const RunMounts& mounts,
                                              const BuildSecrets& secrets, Store* store,
                                              SandboxOptions* options);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_RESOURCES_H_
