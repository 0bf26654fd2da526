// How many names each link group of a tree has. Copying one costs what was changed since it was last
// compacted or loaded, not the number of groups.
#ifndef KASANE_SRC_TREE_LINK_COUNTS_H_
#define KASANE_SRC_TREE_LINK_COUNTS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace kasane {

class TreeFile;

class LinkCounts {
 public:
  LinkCounts() = default;
  explicit LinkCounts(std::shared_ptr<const TreeFile> file) : file_(std::move(file)) {}

  uint64_t Count(uint64_t group) const;  // 0 if there is none
  void Add(uint64_t group, int64_t change);
  // Moves the changes into a table of their own, if there are many.
  void Compact();
  // The table: per group with a count, sorted by group: group and count, 8 bytes each, little-endian.
  std::string Encode() const;

 private:
  absl::string_view table() const;

  std::shared_ptr<const TreeFile> file_;             // its table, or
  std::shared_ptr<const std::string> table_;         // one in memory, or neither
  absl::flat_hash_map<uint64_t, uint64_t> changed_;  // what differs from it; 0: gone
};

}  // namespace kasane

#endif  // KASANE_SRC_TREE_LINK_COUNTS_H_
