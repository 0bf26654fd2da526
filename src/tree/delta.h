// What one step changed, relative to the tree below it. A layer is the tar of a delta.
#ifndef KASANE_SRC_TREE_DELTA_H_
#define KASANE_SRC_TREE_DELTA_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/tree/entry.h"

namespace kasane {

struct DeltaEntry {
  // Relative to the root, no leading or trailing slash, no "." or ".." component; "" is the root directory
  // itself. Any byte but '/' and NUL may stand in a component.
  std::string path;
  bool whiteout = false;  // removes `path` and all below it; `entry` is ignored
  bool opaque = false;    // directories only: nothing of the directory below shines through
  // Directories only: an ancestor that is here only because something below it changed (overlayfs copied it
  // up). Applied to a tree that has the directory it changes nothing; the tar takes its metadata from that
  // tree.
  bool implied = false;
  Entry entry;
};

// Order of paths: component by component, bytewise, so that a directory comes just before what it holds.
// ("a" < "a/b" < "a-b", because '/' sorts before all else.)
bool PathLess(absl::string_view a, absl::string_view b);

// Encoded form, a blob in the store: "KSND" 0x01, count (varint), then per entry in PathLess order: length of
// the prefix shared with the previous path, rest of the path (bytes), flags (1 whiteout, 2 opaque, 4
// implied), and, unless it is a whiteout, the entry (EncodeEntry). Paths are unique. Unknown versions are
// refused.
class Delta {
 public:
  Delta() = default;
  // Sorts (entries and their xattrs), clears fields that a type does not have; refuses duplicates and what
  // Decode refuses.
  static absl::StatusOr<Delta> FromEntries(std::vector<DeltaEntry> entries);
  // Refuses malformed, unsorted and unsafe ("..", absolute, NUL, longer than 4095 bytes) paths.
  static absl::StatusOr<Delta> Decode(absl::string_view bytes);

  std::string Encode() const;
  const std::vector<DeltaEntry>& entries() const { return entries_; }
  std::vector<DeltaEntry> TakeEntries() && { return std::move(entries_); }
  bool empty() const { return entries_.empty(); }
  // The digest of the encoding without any mtime: equal for deltas that differ in times alone.
  Digest TimelessDigest() const;

 private:
  std::vector<DeltaEntry> entries_;
};

}  // namespace kasane

#endif  // KASANE_SRC_TREE_DELTA_H_
