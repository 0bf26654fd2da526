// rpm's own database (its "ndb" backend, which SUSE uses): the file Packages.db.
//
// Little-endian numbers of 4 bytes. A head of 32 bytes: "RpmP", the version 0, a generation, the number of
// pages of slots, the next package's number. Pages have 4096 bytes, the head among those of the first; a slot
// is "Slot", a package's number (0: free), where its blob is and how long, in blocks of 16 bytes. A blob is
// "BlbS", the package's number, a generation, a length; the package's header; a checksum, the length, "BlbE".
#ifndef KASANE_SRC_SBOM_RPM_NDB_H_
#define KASANE_SRC_SBOM_RPM_NDB_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

bool IsRpmNdb(absl::string_view bytes);
// The headers of packages, as far as the file is sound.
std::vector<std::string> RpmNdbHeaders(absl::string_view bytes);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_RPM_NDB_H_
