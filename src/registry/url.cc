#include "src/registry/url.h"

#include <curl/curl.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {
namespace {

using Handle = std::unique_ptr<CURLU, void (*)(CURLU*)>;

// "" if the URL has no such part.
std::string Part(CURLU* handle, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle, part, &text, flags) != CURLUE_OK) return "";
  std::string out = text;
  curl_free(text);
  return out;
}

absl::StatusOr<Url> Take(CURLU* handle, absl::string_view original) {
  Url url;
  url.scheme = Part(handle, CURLUPART_SCHEME);
  url.host = absl::AsciiStrToLower(Part(handle, CURLUPART_HOST));
  url.text = Part(handle, CURLUPART_URL);
  if ((url.scheme != "http" && url.scheme != "https") || url.host.empty() ||
      !absl::SimpleAtoi(Part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT), &url.port)) {
    return absl::InvalidArgumentError(absl::StrCat("bad URL: ", original));
  }
  return url;
}

}  // namespace

std::string Url::Authority() const {
  const bool standard = port == (scheme == "https" ? 443 : 80);
  return standard ? host : absl::StrCat(host, ":", port);
}

bool Url::SameOrigin(const Url& other) const {
  return scheme == other.scheme && host == other.host && port == other.port;
}

bool Url::IsLoopback() const { return IsLoopbackHost(host); }

absl::StatusOr<Url> ParseUrl(const std::string& text) {
  Handle handle(curl_url(), &curl_url_cleanup);
  if (curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) {
    return absl::InvalidArgumentError(absl::StrCat("bad URL: ", text));
  }
  return Take(handle.get(), text);
}

absl::StatusOr<Url> ResolveUrl(const Url& base, const std::string& reference) {
  Handle handle(curl_url(), &curl_url_cleanup);
  if (curl_url_set(handle.get(), CURLUPART_URL, base.text.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK ||
      curl_url_set(handle.get(), CURLUPART_URL, reference.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) {
    return absl::InvalidArgumentError(absl::StrCat("bad URL: ", reference));
  }
  return Take(handle.get(), reference);
}

bool IsLoopbackHost(absl::string_view host) {
  const size_t colon = host.rfind(':');
  if (colon != absl::string_view::npos && host.back() != ']' && host.find(':') == colon)
    host = host.substr(0, colon);
  if (const size_t close = host.find(']'); close != absl::string_view::npos) host = host.substr(0, close + 1);
  if (host == "localhost" || absl::EndsWith(host, ".localhost") || host == "[::1]") return true;
  return absl::StartsWith(host, "127.") && host.find_first_not_of("0123456789.") == absl::string_view::npos;
}

std::string PercentEncode(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || absl::StrContains("-._~", absl::string_view(&c, 1))) {
      out.push_back(c);
    } else {
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

void AppendQuery(std::string* url, absl::string_view key, absl::string_view value) {
  absl::StrAppend(url, absl::StrContains(*url, "?") ? "&" : "?", PercentEncode(key), "=",
                  PercentEncode(value));
}

}  // namespace kasane
