// From a delta to what its layer tar holds.
#ifndef KASANE_SRC_OCI_LAYER_DELTA_H_
#define KASANE_SRC_OCI_LAYER_DELTA_H_

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

// The tree below the delta, composed only if it is needed.
using TreeBelow = std::function<absl::StatusOr<Tree>()>;

// The entries that the tar of `delta` has members for, and nothing that the tar does not show: equal results
// give equal tars, byte for byte.
//  - parents that the delta lacks are added, and implied directories take the metadata of the tree below;
//  - opaque directories become whiteouts of what the tree below has there;
//  - the root and sockets are left out, of xattrs only security.capability stays, times are whole seconds, or
//  the epoch;
//  - a link group of which the delta has one name only is none.
// kInvalidArgument, for the user, if a name begins with ".wh.", which no layer can hold.
absl::StatusOr<Delta> ResolveLayerDelta(Delta delta, const TreeBelow& below, const Epoch& epoch);

// The entries in the order of the tar: a directory before what it holds, in it the whiteouts before all else,
// each by name. The pointers are into `delta`.
std::vector<const DeltaEntry*> TarOrder(const Delta& delta);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_LAYER_DELTA_H_
