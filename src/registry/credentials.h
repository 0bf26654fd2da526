// Who we are to a registry, from the files that docker and podman write.
//
// Files, the first that knows the registry wins: $REGISTRY_AUTH_FILE; $DOCKER_CONFIG/config.json, else
// ~/.docker/config.json; $XDG_RUNTIME_DIR/containers/auth.json, else /run/containers/UID/auth.json;
// ~/.config/containers/auth.json. Within a file: credHelpers of the host, then credsStore, then auths
// (containers-auth.json(5): keys may name a namespace, the longest counts; Docker Hub goes by several names).
#ifndef KASANE_SRC_REGISTRY_CREDENTIALS_H_
#define KASANE_SRC_REGISTRY_CREDENTIALS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/json.h"

namespace kasane {

struct Credential {
  std::string username;
  std::string password;
  std::string identity_token;  // a refresh token: exchanged for bearer tokens
  std::string registry_token;  // a bearer token, to be sent as it is
  bool empty() const { return username.empty() && identity_token.empty() && registry_token.empty(); }
};

// Runs `docker-credential-NAME get` with `server` on its standard input; gives what it prints. kNotFound: it
// has no such credential.
using CredentialHelper =
    std::function<absl::StatusOr<std::string>(const std::string& name, const std::string& server)>;
absl::StatusOr<std::string> RunCredentialHelper(const std::string& name, const std::string& server);

class Credentials {
 public:
  Credentials(std::vector<std::string> files, CredentialHelper helper)
      : files_(std::move(files)), helper_(std::move(helper)) {}
  // The files of the environment.
  static Credentials FromEnvironment();

  // For "host[:port]" and a repository on it; empty if nothing is known. Files and helpers that fail are left
  // out and named in `warnings`, once each.
  Credential Find(const std::string& host, const std::string& repository);
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Credential FindInFile(const Json& file, const std::string& host, const std::string& repository);
  bool AskHelper(const std::string& name, const std::string& host, Credential* out);
  void Warn(std::string message);

  std::vector<std::string> files_;
  CredentialHelper helper_;
  std::vector<std::string> warnings_;
};

// An entry of `auths`.
absl::StatusOr<Credential> ParseAuthEntry(const Json& entry);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_CREDENTIALS_H_
