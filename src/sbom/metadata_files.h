// Packages that bring a file about themselves: npm's package.json, Python's METADATA.
#ifndef KASANE_SRC_SBOM_METADATA_FILES_H_
#define KASANE_SRC_SBOM_METADATA_FILES_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/sbom/package.h"

namespace kasane {

// Of node_modules/NAME/package.json. Nothing, if it names no package with a version.
absl::optional<Package> ParseNpmPackage(absl::string_view text);
// Of NAME.dist-info/METADATA or NAME.egg-info/PKG-INFO: the lines above the first empty one.
absl::optional<Package> ParsePythonMetadata(absl::string_view text);

// Whether a path of an image is such a file.
bool IsNpmPackagePath(absl::string_view path);
bool IsPythonMetadataPath(absl::string_view path);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_METADATA_FILES_H_
