#include "src/sbom/dpkg_status.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace kasane {

std::vector<Package> ParseDpkgStatus(absl::string_view text) {
  std::vector<Package> out;
  Package package;
  bool installed = true;
  const auto finish = [&] {
    if (installed && !package.name.empty() && !package.version.empty()) out.push_back(std::move(package));
    package = Package();
    package.type = "deb";
    installed = true;
  };
  finish();
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StripAsciiWhitespace(line).empty()) {
      finish();
      continue;
    }
    if (line[0] == ' ' || line[0] == '\t') continue;  // more of the field above
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    const absl::string_view value = absl::StripAsciiWhitespace(field.second);
    if (field.first == "Package") {
      package.name = std::string(value);
    } else if (field.first == "Version") {
      package.version = std::string(value);
    } else if (field.first == "Architecture") {
      package.architecture = std::string(value);
    } else if (field.first == "Source") {
      package.source = std::string(value.substr(0, value.find(' ')));  // a version may follow
    } else if (field.first == "Status") {
      installed = absl::EndsWith(value, " installed");
    }
  }
  finish();
  return out;
}

}  // namespace kasane
