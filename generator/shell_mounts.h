// The mounts of a RUN for a shell in its state, as the RUN itself would have them.
#ifndef KASANE_GENERATOR_SHELL_MOUNTS_H_
#define KASANE_GENERATOR_SHELL_MOUNTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/contract/build_secrets.h"
#include "src/contract/spec.h"
#include "src/sandbox/mounts.h"
#include "src/steps/run_resources.h"
#include "src/store/store.h"

namespace kasane {

struct ShellMounts {
  std::vector<SandboxMount> mounts;
  std::vector<std::string> env;     // "NAME=value", of secrets
  std::vector<std::string> lacks;   // "secret token at /run/secrets/token": what nobody has given
  std::vector<std::string> unused;  // "secret token": what was given, but the RUN does not ask for
  RunResources held;                // until the shell has ended
  ScratchDir scratch;
};

// The build is that of the working directory. `sources`: the records that the RUN's edge reads. `given`:
// counts more than what the build was given. Waits for locked caches. kNotFound and kInvalidArgument are for
// people, one without a message has been reported.
absl::StatusOr<ShellMounts> TakeShellMounts(const RunSpec& run, const std::vector<std::string>& sources,
                                            const BuildSecrets& given, Store* store);

}  // namespace kasane

#endif  // KASANE_GENERATOR_SHELL_MOUNTS_H_
