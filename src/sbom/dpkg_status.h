// dpkg's database of what is installed: /var/lib/dpkg/status, and the files of /var/lib/dpkg/status.d, which
// images without dpkg have.
#ifndef KASANE_SRC_SBOM_DPKG_STATUS_H_
#define KASANE_SRC_SBOM_DPKG_STATUS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "src/sbom/package.h"

namespace kasane {

// Those that are there (a removed one may have left its configuration). Stanzas without a name or a version
// are skipped.
std::vector<Package> ParseDpkgStatus(absl::string_view text);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_DPKG_STATUS_H_
