// Secrets that open files behind URLs, under the names that BuildKit looks for.
#ifndef KASANE_SRC_STEPS_HTTP_AUTH_H_
#define KASANE_SRC_STEPS_HTTP_AUTH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/contract/build_secrets.h"

namespace kasane {

// The Authorization header for a URL: what the secret HTTP_AUTH_HEADER_host holds, or, if it is given,
// "Bearer " and what HTTP_AUTH_TOKEN_host holds; empty: neither is given. The host has no port.
absl::StatusOr<std::string> HttpAuthorization(const BuildSecrets& secrets, absl::string_view url);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_HTTP_AUTH_H_
