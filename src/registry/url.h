// The few things that are done with URLs.
#ifndef KASANE_SRC_REGISTRY_URL_H_
#define KASANE_SRC_REGISTRY_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

struct Url {
  std::string scheme;             // "http" or "https"
  std::string host;               // lower case, no port; an IPv6 address in brackets
  int port = 0;                   // explicit or the scheme's
  std::string text;               // all of it
  std::string Authority() const;  // "host", with ":port" unless it is the scheme's own
  // Whether a credential for one may be sent to the other.
  bool SameOrigin(const Url& other) const;
  bool IsLoopback() const;
};

// Absolute http and https URLs only; user names in URLs are refused.
absl::StatusOr<Url> ParseUrl(const std::string& text);
// `reference`, which may be relative, as seen from `base`: what a Location header means.
absl::StatusOr<Url> ResolveUrl(const Url& base, const std::string& reference);
// localhost, *.localhost, 127.0.0.0/8, [::1]. `host` may have a port.
bool IsLoopbackHost(absl::string_view host);
// Everything but letters, digits and "-._~" as %XX.
std::string PercentEncode(absl::string_view text);
// Appends "key=value" (encoded) with "?" or "&".
void AppendQuery(std::string* url, absl::string_view key, absl::string_view value);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_URL_H_
