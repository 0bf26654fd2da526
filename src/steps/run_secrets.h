// Secrets and ssh agents of a RUN that is about to be executed.
#ifndef KASANE_SRC_STEPS_RUN_SECRETS_H_
#define KASANE_SRC_STEPS_RUN_SECRETS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/contract/build_secrets.h"
#include "src/contract/spec.h"
#include "src/steps/run_ssh.h"
#include "src/store/store.h"

namespace kasane {

struct RunSecrets {
  std::map<size_t, std::string> values;   // of secrets that are mounted, by index into RunSpec::mounts
  std::map<size_t, std::string> sockets;  // of agents, the same
  std::vector<std::string> env;           // "NAME=value", after all other variables
  std::vector<std::string> notices;       // for standard error: names, never values
  ScratchDir scratch;                     // the agents' sockets
  std::vector<std::unique_ptr<SshForward>> agents;
};

// Whether the build has given what this mount of a secret or agent asks for. If not, it is not there.
bool IsGiven(const MountSpec& mount, const BuildSecrets& all);

// Reads secrets from files and from this process's environment. kInvalidArgument and kNotFound are for the
// user: a required one is not given, or cannot be read.
absl::StatusOr<RunSecrets> ReadRunSecrets(const RunSpec& spec, const BuildSecrets& all, Store* store);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_SECRETS_H_
