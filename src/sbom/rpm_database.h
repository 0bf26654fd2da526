// rpm's database of what is installed, in any of the forms that rpm has given it: an SQLite file since 4.16,
// its own (rpm_ndb.h), Berkeley DB's before (rpm_bdb.h).
#ifndef KASANE_SRC_SBOM_RPM_DATABASE_H_
#define KASANE_SRC_SBOM_RPM_DATABASE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "src/sbom/package.h"

namespace kasane {

// Of the whole file's bytes. None, if it is no such database.
std::vector<Package> ParseRpmDatabase(absl::string_view bytes);

}  // namespace kasane

#endif  // KASANE_SRC_SBOM_RPM_DATABASE_H_
