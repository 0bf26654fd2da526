// A piece of software that an image holds, as a package database or a file of its own says.
#ifndef KASANE_SRC_SBOM_PACKAGE_H_
#define KASANE_SRC_SBOM_PACKAGE_H_

#include <string>
#include <tuple>

#include "absl/strings/string_view.h"

namespace kasane {

struct Package {
  std::string type;  // as package URLs have it: deb, apk, rpm, golang, npm, pypi
  std::string name;  // npm: with its scope
  std::string version;
  std::string architecture;
  std::string license;  // as the package says it: not always an SPDX expression
  std::string source;   // the source package that it was built of, if it has another name
  std::string path;     // the file that says so, without a slash at its beginning
};

inline bool operator<(const Package& a, const Package& b) {
  return std::tie(a.type, a.name, a.version, a.architecture, a.path) <
         std::tie(b.type, b.name, b.version, b.architecture, b.path);
}

// What packages of a distribution are named after.
struct Distribution {
  std::string id;       // "debian"
  std::string version;  // "12"
};
// From the text of an os-release(5).
Distribution ParseOsRelease(absl::string_view text);

// "pkg:deb/debian/bash@5.2.15-2+b7?arch=amd64&distro=debian-12"
std::string PackageUrl(const Package& package, const Distribution& distribution);
// A part of a package URL, quoted.
std::string QuoteUrlPart(absl::string_view text);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_PACKAGE_H_
