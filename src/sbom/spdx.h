// A bill of materials as SPDX 2.3 JSON.
#ifndef KASANE_SRC_SBOM_SPDX_H_
#define KASANE_SRC_SBOM_SPDX_H_

#include <string>
#include <vector>

#include "src/base/digest.h"
#include "src/base/json.h"
#include "src/sbom/package.h"

namespace kasane {

struct Sbom {
  std::string name;     // of the image, or "image"
  Digest image;         // its manifest
  std::string created;  // RFC 3339, whole seconds, UTC
  Distribution distribution;
  std::vector<Package> packages;  // sorted
};

// Equal content gives equal bytes.
Json SpdxJson(const Sbom& sbom);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_SPDX_H_
