// The mounts of a RUN for a shell in its state, as the RUN itself would have them.
#ifndef KASANE_GENERATOR_SHELL_MOUNTS_H_
#define KASANE_GENERATOR_SHELL_MOUNTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/sandbox/mounts.h"
#include "src/steps/run_resources.h"
#include "src/store/store.h"

namespace kasane {

struct ShellMounts {
  std::vector<SandboxMount> mounts;
  std::vector<std::string> env;    // "NAME=value", of secrets
  std::vector<std::string> lacks;  // "secret at /run/secrets/token": what the build was not given
  RunResources held;               // until the shell has ended
  ScratchDir scratch;
};

// The build is that of the working directory. `sources`: the records that the RUN's edge reads. Waits for
// locked caches. kNotFound and kInvalidArgument are for people, one without a message has been reported.
absl::StatusOr<ShellMounts> TakeShellMounts(const RunSpec& run, const std::vector<std::string>& sources,
                                            Store* store);

}  // namespace kasane

#endif  // KASANE_GENERATOR_SHELL_MOUNTS_H_
