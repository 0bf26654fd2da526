// The header lines of a registry's answer, a blank line, its body: whatever they hold, reading them ends,
// what is taken from them is well formed, and the host that a Location is checked by is the one that libcurl
// asks.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "src/registry/backoff.h"
#include "src/registry/challenge.h"
#include "src/registry/client.h"
#include "src/registry/headers.h"
#include "src/registry/url.h"

namespace {

using kasane::Challenge;
using kasane::HttpResponse;
using kasane::Url;

void Check(bool holds) {
  if (!holds) abort();
}

// As a registry would write them.
std::string Format(const std::vector<Challenge>& challenges) {
  std::string out;
  for (const Challenge& challenge : challenges) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", challenge.scheme);
    const char* separator = " ";
    for (const auto& [name, value] : challenge.parameters) {
      Check(!name.empty() && name == absl::AsciiStrToLower(name));
      absl::StrAppend(&out, separator, name, "=\"",
                      absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
      separator = ",";
    }
  }
  return out;
}

void CheckChallenges(absl::string_view header) {
  const std::vector<Challenge> challenges = kasane::ParseChallenges(header);
  const std::string text = Format(challenges);
  Check(Format(kasane::ParseChallenges(text)) == text);
  std::vector<std::string> scopes = {kasane::RepositoryScope("library/golang", false)};
  for (const Challenge& challenge : challenges) {
    Check(!challenge.scheme.empty());
    kasane::AddScopes(challenge.Get("scope"), &scopes);
    std::string realm = challenge.Get("realm");
    kasane::AppendQuery(&realm, "service", challenge.Get("service"));
    (void)kasane::ParseUrl(realm);
  }
}

void CheckLocation(const std::string& base_text, const std::string& location) {
  const Url base = *kasane::ParseUrl(base_text);
  const auto url = kasane::ResolveUrl(base, location);
  if (!url.ok()) return;
  Check(url->scheme == "http" || url->scheme == "https");
  for (const char c : url->text) Check(static_cast<unsigned char>(c) > ' ' && c != 0x7f);
  const auto again = kasane::ParseUrl(url->text);
  Check(again.ok() && again->SameOrigin(*url) && again->IsLoopback() == url->IsLoopback());
  std::string with_digest = url->text;
  kasane::AppendQuery(&with_digest, "digest", location);
  const auto longer = kasane::ParseUrl(with_digest);
  Check(longer.ok() && longer->SameOrigin(*url));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view rest(reinterpret_cast<const char*>(data), size);
  HttpResponse answer;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const absl::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == absl::string_view::npos ? rest.size() : end + 1);
    if (line.empty() || line == "\r") break;
    kasane::AddHeaderLine(line, &answer);
  }
  CheckChallenges(answer.Header("www-authenticate"));
  for (const char* base : {"https://registry.example/v2/a/blobs/uploads/?x=1", "http://[::1]:5000/v2/"}) {
    CheckLocation(base, answer.Header("location"));
  }
  Check(kasane::ContentRangeStart(answer.Header("content-range")) >= -1);
  Check(kasane::UploadedBytes(answer.Header("range"), 0) >= 0);
  const absl::Time now = absl::FromUnixSeconds(1700000000);
  const absl::Duration pause =
      kasane::RetryDelay(1, 0.5, kasane::ParseRetryAfter(answer.Header("retry-after"), now));
  Check(pause >= absl::ZeroDuration() && pause <= absl::Seconds(30));
  for (const char c : kasane::RegistryMessage(rest)) Check(static_cast<unsigned char>(c) >= ' ' && c != 0x7f);
  return 0;
}
