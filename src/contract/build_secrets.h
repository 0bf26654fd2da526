// `.kasane/secrets.json`: where the secrets and ssh agents of a build are. Written by gen, read by RUN steps.
// It holds names alone: a step reads a file or a variable of ninja's environment when it runs its command,
// and no other file ever holds what it read.
//   {"version":1,"secrets":{"token":{"path":"/home/me/token"},"key":{"env":"KEY"}},
//    "ssh":{"default":[],"deploy":["/home/me/.ssh/id_ed25519"]}}
#ifndef KASANE_SRC_CONTRACT_BUILD_SECRETS_H_
#define KASANE_SRC_CONTRACT_BUILD_SECRETS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

inline constexpr int64_t kMaxSecretSize = 500 << 10;  // bytes; BuildKit's limit

struct SecretSource {
  std::string path;  // absolute
  std::string env;   // or the name of a variable
};

struct BuildSecrets {
  std::map<std::string, SecretSource> secrets;  // by id
  // By id: the socket of an agent, or files of private keys, absolute. Empty: the agent of $SSH_AUTH_SOCK.
  std::map<std::string, std::vector<std::string>> agents;
};

std::string EncodeBuildSecrets(const BuildSecrets& secrets);
absl::StatusOr<BuildSecrets> DecodeBuildSecrets(absl::string_view json);
std::string BuildSecretsPath(absl::string_view dir);  // of the state directory
// Without a file: none.
absl::StatusOr<BuildSecrets> ReadBuildSecrets(const std::string& dir);

// The secret itself, from its file or from this process's environment. `found` is false if gen was given none
// of this id. `notices`: for standard error, names and never values. kNotFound, kInvalidArgument: for the
// user.
absl::StatusOr<std::string> ReadSecret(const BuildSecrets& all, const std::string& id, bool* found,
                                       std::vector<std::string>* notices);

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_BUILD_SECRETS_H_
