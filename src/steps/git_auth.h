// Secrets that open repositories, under the names that BuildKit looks for.
#ifndef KASANE_SRC_STEPS_GIT_AUTH_H_
#define KASANE_SRC_STEPS_GIT_AUTH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/contract/build_secrets.h"

namespace kasane {

// What git is to find in its environment so that it sends the first of these secrets that is given:
// GIT_AUTH_HEADER.host, GIT_AUTH_TOKEN.host, GIT_AUTH_HEADER, GIT_AUTH_TOKEN (host with its port). A token is
// the password of the user x-access-token. Sent for this repository alone; of github.com, for all that are
// there (submodules). Nothing if none is given, or if the repository is not asked by HTTP.
absl::StatusOr<std::vector<std::string>> GitAuthorization(const BuildSecrets& secrets,
                                                          absl::string_view remote);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_GIT_AUTH_H_
