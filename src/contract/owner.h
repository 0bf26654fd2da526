// "user[:group]" as --chown and USER have it: names, or numbers.
#ifndef KASANE_SRC_CONTRACT_OWNER_H_
#define KASANE_SRC_CONTRACT_OWNER_H_

#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

// User and group; "" if there is no group.
std::pair<absl::string_view, absl::string_view> SplitOwner(absl::string_view owner);
// A number in the 32-bit range that Go's ParseInt takes; "root" is 0. Null: a name.
absl::optional<int32_t> OwnerNumber(absl::string_view word);
// True if `owner` holds a name that has to be looked up.
bool OwnerHasName(absl::string_view owner);

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_OWNER_H_
