// What two trees do not share, as people ask for it.
#ifndef KASANE_SRC_TREE_TREE_DIFF_H_
#define KASANE_SRC_TREE_TREE_DIFF_H_

#include <string>
#include <vector>

#include "src/tree/tree.h"

namespace kasane {

struct TreeChange {
  std::string path;              // relative
  const Node* before = nullptr;  // null: it is new. Nodes live as long as their trees.
  const Node* after = nullptr;   // null: it is gone
  // "content", "mode", "owner", "link target", "type", "device", "xattrs", if it is in both.
  std::vector<std::string> what;
};

// In the order of paths; each new or lost directory with all that is below it. Times, and which names share
// an inode, are no difference. In time proportional to the directories that differ, times included.
std::vector<TreeChange> DiffTrees(const Tree& before, const Tree& after);

}  // namespace kasane

#endif  // KASANE_SRC_TREE_TREE_DIFF_H_
