#include "src/sbom/apk_installed.h"

#include <string>
#include <utility>

#include "absl/strings/str_split.h"

namespace kasane {

std::vector<Package> ParseApkInstalled(absl::string_view text) {
  std::vector<Package> out;
  Package package;
  const auto finish = [&] {
    if (package.source == package.name) package.source.clear();
    if (!package.name.empty() && !package.version.empty()) out.push_back(std::move(package));
    package = Package();
    package.type = "apk";
  };
  finish();
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty()) {
      finish();
      continue;
    }
    if (line.size() < 2 || line[1] != ':') continue;
    std::string value(line.substr(2));
    switch (line[0]) {
      case 'P':
        package.name = std::move(value);
        break;
      case 'V':
        package.version = std::move(value);
        break;
      case 'A':
        package.architecture = std::move(value);
        break;
      case 'L':
        package.license = std::move(value);
        break;
      case 'o':
        package.source = std::move(value);
        break;
      default:
        break;
    }
  }
  finish();
  return out;
}

}  // namespace kasane
