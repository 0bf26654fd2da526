// Whether anything in the tree below a RUN has an xattr.
#ifndef KASANE_SRC_STEPS_RUN_XATTRS_H_
#define KASANE_SRC_STEPS_RUN_XATTRS_H_

#include "absl/status/statusor.h"
#include "src/contract/record.h"
#include "src/store/store.h"

namespace kasane {

// True if the base tree or any delta of the chain has one: so it may be true for a tree without, never false
// for one with. What was found out about a base tree or a delta is remembered in the store.
absl::StatusOr<bool> MayHaveXattrs(Store* store, const Chain& chain);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_XATTRS_H_
