// Looks for the packages of an image's file system.
#ifndef KASANE_SRC_SBOM_SCAN_H_
#define KASANE_SRC_SBOM_SCAN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "src/sbom/package.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

struct ScannedPackages {
  Distribution distribution;
  std::vector<Package> packages;  // sorted, each once
};

// Databases that cannot be understood give no packages; only a store that has lost something is an error.
absl::StatusOr<ScannedPackages> ScanPackages(const Store& store, const Tree& tree);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_SCAN_H_
