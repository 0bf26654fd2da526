// Databases of packages and files about one, chosen by the first byte: packages or none, never a crash; each
// has a name and a URL.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "src/sbom/apk_installed.h"
#include "src/sbom/dpkg_status.h"
#include "src/sbom/go_build_info.h"
#include "src/sbom/metadata_files.h"
#include "src/sbom/rpm_database.h"
#include "src/sbom/rpm_header.h"

namespace kasane {
namespace {

std::vector<Package> One(const absl::optional<Package>& package) {
  return package.has_value() ? std::vector<Package>{*package} : std::vector<Package>();
}

std::vector<Package> Parse(char kind, absl::string_view text) {
  switch (kind) {
    case 'a':
      return ParseApkInstalled(text);
    case 'd':
      return ParseDpkgStatus(text);
    case 'g':
      return ReadGoBuildInfo([text](uint64_t offset, uint64_t size) {
        return offset < text.size() ? std::string(text.substr(offset, size)) : std::string();
      });
    case 'n':
      return One(ParseNpmPackage(text));
    case 'p':
      return One(ParsePythonMetadata(text));
    case 'h':
      return One(ParseRpmHeader(text));
    default:
      return ParseRpmDatabase(text);
  }
}

}  // namespace
}  // namespace kasane

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const kasane::Distribution distribution = kasane::ParseOsRelease(text);
  for (const kasane::Package& package : kasane::Parse(text[0], text.substr(1))) {
    if (package.type.empty() || kasane::PackageUrl(package, distribution).size() < 6) abort();
  }
  return 0;
}
