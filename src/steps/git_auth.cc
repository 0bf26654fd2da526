#include "src/steps/git_auth.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr absl::string_view kShared[] = {"https://github.com/", "https://www.github.com/"};

// As Go's URL.Host: no user, the port as it stands there.
absl::string_view HostOf(absl::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const size_t at = url.rfind('@');
  return at == absl::string_view::npos ? url : url.substr(at + 1);
}

// The URLs for which git is to send the header.
absl::string_view ScopeOf(absl::string_view remote) {
  for (absl::string_view prefix : kShared) {
    if (absl::StartsWith(remote, prefix)) return prefix;
  }
  return remote;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> GitAuthorization(const BuildSecrets& secrets,
                                                          absl::string_view remote) {
  std::vector<std::string> env;
  if (!absl::StartsWith(remote, "http://") && !absl::StartsWith(remote, "https://")) return env;
  const std::string host = absl::StrCat(".", HostOf(remote));
  for (const std::string& suffix : {host, std::string()}) {
    for (const char* name : {"GIT_AUTH_HEADER", "GIT_AUTH_TOKEN"}) {
      const std::string id = name + suffix;
      bool found = false;
      std::vector<std::string> notices;  // an empty one opens nothing, as the server will say
      ASSIGN_OR_RETURN(const std::string read, ReadSecret(secrets, id, &found, &notices));
      if (!found) continue;
      std::string value(absl::StripTrailingAsciiWhitespace(read));
      if (absl::string_view(name) == "GIT_AUTH_TOKEN") {
        value = absl::StrCat("basic ", absl::Base64Escape(absl::StrCat("x-access-token:", value)));
      }
      if (std::any_of(value.begin(), value.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); })) {
        return absl::InvalidArgumentError(absl::StrCat("the secret ", id, " cannot stand in a header"));
      }
      // In the environment, not among the words: those everybody can read.
      return std::vector<std::string>{"GIT_CONFIG_COUNT=1",
                                      absl::StrCat("GIT_CONFIG_KEY_0=http.", ScopeOf(remote), ".extraheader"),
                                      absl::StrCat("GIT_CONFIG_VALUE_0=Authorization: ", value)};
    }
  }
  return env;
}

}  // namespace kasane
