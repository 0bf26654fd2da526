// A tree of the store, or a part of it, as files on disk.
#ifndef KASANE_SRC_STORE_WRITE_TREE_H_
#define KASANE_SRC_STORE_WRITE_TREE_H_

#include <string>

#include "absl/status/status.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

// Makes the directory `directory`, which is empty, what the directory `source` of the tree is: owners, modes,
// times, extended attributes, hard links and all. kDataLoss: the store has lost a content.
absl::Status WriteTree(const Store& store, const Tree& tree, const std::string& source,
                       const std::string& directory);
// The same of something that is no directory; nothing is at `path` yet.
absl::Status WriteTreeFile(const Store& store, const Tree& tree, const std::string& source,
                           const std::string& path);

}  // namespace kasane

#endif  // KASANE_SRC_STORE_WRITE_TREE_H_
