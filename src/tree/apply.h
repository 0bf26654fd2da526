// The merge of a delta's entries with the directories of a tree (see Tree::Apply for the rules).
#ifndef KASANE_SRC_TREE_APPLY_H_
#define KASANE_SRC_TREE_APPLY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "src/tree/delta.h"
#include "src/tree/directory.h"
#include "src/tree/link_counts.h"
#include "src/tree/tree.h"

namespace kasane {

// What a tree is: its root, the link counts, and the tree files that its directories may lie in.
struct Tree::Rep {
  Node root;
  LinkCounts links;
  std::vector<std::shared_ptr<const TreeFile>> files;
};

// `old` with `delta` applied; `links` is kept right. Directories in which nothing changes are shared with
// `old`.
absl::StatusOr<Node> ApplyDelta(const Node& old_root, const Delta& delta, LinkCounts* links);

}  // namespace kasane

#endif  // KASANE_SRC_TREE_APPLY_H_
