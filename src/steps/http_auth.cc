#include "src/steps/http_auth.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {
namespace {

// As Go's URL.Hostname: no user, no port, no brackets.
absl::string_view HostOf(absl::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme != absl::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const size_t at = url.rfind('@');
  if (at != absl::string_view::npos) url.remove_prefix(at + 1);
  if (!url.empty() && url[0] == '[') return url.substr(1, url.find(']') - 1);
  return url.substr(0, url.rfind(':'));
}

}  // namespace

absl::StatusOr<std::string> HttpAuthorization(const BuildSecrets& secrets, absl::string_view url) {
  std::string header;
  const absl::string_view host = HostOf(url);
  for (const auto& [prefix, before] :
       {std::pair("HTTP_AUTH_HEADER_", ""), std::pair("HTTP_AUTH_TOKEN_", "Bearer ")}) {
    const std::string id = absl::StrCat(prefix, host);
    bool found = false;
    std::vector<std::string> notices;  // an empty one opens nothing, as the server will say
    ASSIGN_OR_RETURN(const std::string value, ReadSecret(secrets, id, &found, &notices));
    if (!found) continue;
    header = absl::StrCat(before, absl::StripTrailingAsciiWhitespace(value));
    if (std::any_of(header.begin(), header.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); })) {
      return absl::InvalidArgumentError(absl::StrCat("the secret ", id, " cannot stand in a header"));
    }
  }
  return header;
}

}  // namespace kasane
