// A tree of the store, or a part of it, as files on disk.
#ifndef KASANE_SRC_STORE_WRITE_TREE_H_
#define KASANE_SRC_STORE_WRITE_TREE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

struct WriteTreeOptions {
  absl::optional<int64_t>
      directory_time;           // seconds since 1970: the mtime of all directories, whatever the tree says
  bool separate_names = false;  // names that share an inode become files of their own
};

// Makes the directory `directory`, which is empty, what the directory `source` of the tree is: owners, modes,
// times, extended attributes, hard links and all. kDataLoss: the store has lost a content.
absl::Status WriteTree(const Store& store, const Tree& tree, const std::string& source,
                       const std::string& directory, const WriteTreeOptions& options = {});
// The same of something that is no directory; nothing is at `path` yet.
absl::Status WriteTreeFile(const Store& store, const Tree& tree, const std::string& source,
                           const std::string& path, const WriteTreeOptions& options = {});

}  // namespace kasane

#endif  // KASANE_SRC_STORE_WRITE_TREE_H_
