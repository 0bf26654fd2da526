// PAX extended header records: "LENGTH KEY=VALUE\n", LENGTH counting itself.
#ifndef KASANE_SRC_OCI_PAX_H_
#define KASANE_SRC_OCI_PAX_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/tree/entry.h"

namespace kasane {

// The map of a sparse file; its first format says the same in repeated records, which ParsePax joins.
inline constexpr char kSparseMap[] = "GNU.sparse.map";

// An empty value (except that of an extended attribute) says that the record does not count: it is kept as
// "".
using PaxRecords = std::map<std::string, std::string>;

absl::StatusOr<PaxRecords> ParsePax(absl::string_view data);

// "1350244992.023960108", "-5", "-1.5" (one and a half seconds before 1970); digits beyond nanoseconds are
// cut.
absl::StatusOr<Timestamp> ParsePaxTime(absl::string_view text);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_PAX_H_
