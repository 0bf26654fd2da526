#include "src/sbom/package.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace kasane {
namespace {

std::string QuoteName(const Package& package) {
  const std::string name = package.type == "pypi"
                               ? absl::StrReplaceAll(absl::AsciiStrToLower(package.name), {{"_", "-"}})
                               : package.name;
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(name, '/', absl::SkipEmpty())) {
    parts.push_back(QuoteUrlPart(part));
  }
  std::string out;
  for (const std::string& part : parts) absl::StrAppend(&out, out.empty() ? "" : "/", part);
  return out;
}

}  // namespace

std::string QuoteUrlPart(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("-._~:", c)) {
      out += c;
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Distribution ParseOsRelease(absl::string_view text) {
  Distribution out;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    std::string* field = absl::ConsumePrefix(&line, "ID=")           ? &out.id
                         : absl::ConsumePrefix(&line, "VERSION_ID=") ? &out.version
                                                                     : nullptr;
    if (field == nullptr) continue;
    line = absl::StripAsciiWhitespace(line);
    for (const char* quote : {"\"", "'"}) {
      if (absl::ConsumePrefix(&line, quote)) absl::ConsumeSuffix(&line, quote);
    }
    *field = std::string(line);
  }
  return out;
}

std::string PackageUrl(const Package& package, const Distribution& distribution) {
  const bool is_of_distribution = package.type == "deb" || package.type == "apk" || package.type == "rpm";
  std::string out = absl::StrCat("pkg:", package.type, "/");
  if (is_of_distribution && !distribution.id.empty()) {
    absl::StrAppend(&out, QuoteUrlPart(distribution.id), "/");
  }
  absl::StrAppend(&out, QuoteName(package));
  if (!package.version.empty()) absl::StrAppend(&out, "@", QuoteUrlPart(package.version));
  char separator = '?';
  const auto add = [&](absl::string_view key, absl::string_view value) {
    if (value.empty()) return;
    absl::StrAppend(&out, std::string(1, separator), key, "=", value);
    separator = '&';
  };
  add("arch", QuoteUrlPart(package.architecture));
  if (is_of_distribution && !distribution.id.empty()) {
    add("distro", QuoteUrlPart(absl::StrCat(distribution.id, distribution.version.empty() ? "" : "-",
                                            distribution.version)));
  }
  if (is_of_distribution) add("upstream", QuoteUrlPart(package.source));
  return out;
}

}  // namespace kasane
