// The names of one directory: sorted, immutable, shared by every tree that holds them. Either made in memory,
// or a place in a tree file that is decoded when first asked for.
#ifndef KASANE_SRC_TREE_DIRECTORY_H_
#define KASANE_SRC_TREE_DIRECTORY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "src/base/digest.h"
#include "src/tree/tree.h"

namespace kasane {

class TreeFile;

// Thread safe.
class Directory {
 public:
  explicit Directory(std::vector<Node> nodes);  // sorted by name, names unique
  // In a tree file. `digest` is what its bytes must hash to; `depth` counts the directories above it.
  Directory(std::shared_ptr<const TreeFile> file, uint64_t offset, const Digest& digest, bool has_links,
            int depth);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::vector<Node>& nodes() const;
  // SHA-256 of EncodeNodes(nodes()): says nothing of how the directory is stored.
  const Digest& digest() const;
  // True if any entry in it, at any depth, is in a link group.
  bool has_links() const { return has_links_; }

  const std::shared_ptr<const TreeFile>& file() const { return file_; }  // null if made in memory
  uint64_t offset() const { return offset_; }

 private:
  const std::shared_ptr<const TreeFile> file_;
  const uint64_t offset_ = 0;
  const int depth_ = 0;
  bool has_links_ = false;
  mutable std::atomic<const std::vector<Node>*> nodes_;  // owned; null: not decoded yet
  mutable std::once_flag digest_once_;
  mutable Digest digest_;
};

// The canonical form of a directory: number of names, then per name the name (bytes), the entry with its
// time, and, for a directory, one byte has_links and the 32 bytes of its digest.
std::string EncodeNodes(const std::vector<Node>& nodes);

}  // namespace kasane

#endif  // KASANE_SRC_TREE_DIRECTORY_H_
