// RUNs of somebody who is not root: this process becomes root of a user namespace, in which it may mount and
// change owners (user_namespaces(7)). The user's ids of /etc/subuid and /etc/subgid are the other ids in it;
// newuidmap and newgidmap, which are set-user-ID, put them there.
#ifndef KASANE_SRC_SANDBOX_USER_NAMESPACE_H_
#define KASANE_SRC_SANDBOX_USER_NAMESPACE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

// False in any user namespace but the first, where overlayfs and FUSE grant less.
bool InInitialUserNamespace();

struct IdRange {
  uint32_t first = 0;
  uint32_t count = 0;
};
// The first range that a file like /etc/subuid (subuid(5)) gives a user, by name or number.
absl::optional<IdRange> FindSubordinateIds(absl::string_view file, absl::string_view name, uint32_t id);

// Nothing for root. To be called while there is one thread. `notice`: what people should know; "" for
// nothing.
absl::Status BecomeRootOfUserNamespace(std::string* notice);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_USER_NAMESPACE_H_
