// The header of an installed package, as rpm's databases keep it.
#ifndef KASANE_SRC_SBOM_RPM_HEADER_H_
#define KASANE_SRC_SBOM_RPM_HEADER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/sbom/package.h"

namespace kasane {

// Nothing, if it is malformed or names no package with a version.
absl::optional<Package> ParseRpmHeader(absl::string_view bytes);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_RPM_HEADER_H_
