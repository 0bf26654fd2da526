// Deltas and trees as they are kept in the store.
#ifndef KASANE_SRC_STORE_TREE_STORE_H_
#define KASANE_SRC_STORE_TREE_STORE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/store/store.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

absl::StatusOr<Delta> LoadDelta(const Store& store, const Digest& digest);
absl::StatusOr<Digest> SaveDelta(Store* store, const Delta& delta);

// A tree file is a blob; LoadTree maps it and decodes directories lazily. SaveTree writes only the
// directories that no tree file holds yet and refers to the others' files (format: tree_file.h).
absl::StatusOr<Tree> LoadTree(const Store& store, const Digest& digest);
absl::StatusOr<Digest> SaveTree(Store* store, const Tree& tree);

// The tree files that a loaded tree may need: its own and those that it refers to.
std::vector<Digest> TreeFilesOf(const Tree& tree);

// The tree of a chain: `base` (a tree file's digest; empty: the empty tree), then each delta in turn.
// Composed chains are remembered in the store under a key of base and deltas, so a long stage does not apply
// all its deltas again.
absl::StatusOr<Tree> ComposeTree(Store* store, const Digest& base, const std::vector<Digest>& deltas);

}  // namespace kasane

#endif  // KASANE_SRC_STORE_TREE_STORE_H_
