// A tree in a file: mapped, decoded directory by directory when first asked for, each one checked against its
// Merkle digest as it is decoded. Directories that another tree file holds are referred to, so a tree that
// differs little from a saved one takes little room and little time to save.
//
// Format 1 (varints and bytes as in base/binary.h, all else little-endian):
//   "KSNT" 0x01 0 0 0
//   directories, each once, those below before those above:
//     size of the canonical form, canonical form (EncodeNodes), then per subdirectory in it, in order, its
//     place: number of the file (0: this one; n: the nth reference) and offset of the directory in that file
//   link table (LinkCounts::Encode)
//   head: root's entry, has_links (0 or 1), digest of the root directory (32 bytes), its place, offset of the
//   link
//     table, its size, its SHA-256 (32 bytes), number of references, their digests (32 bytes each)
//   SHA-256 of the head (32 bytes), offset of the head (8 bytes)
// So the directories are checked by the digests above them, up to the head, and places need no check: a wrong
// one leads to bytes that do not hash to the digest.
#ifndef KASANE_SRC_TREE_TREE_FILE_H_
#define KASANE_SRC_TREE_TREE_FILE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/binary.h"
#include "src/base/digest.h"
#include "src/tree/tree.h"

namespace kasane {

// Thread safe.
class TreeFile : public std::enable_shared_from_this<TreeFile> {
 public:
  struct Source {
    Digest name;                        // of the whole file: what others refer to it by
    absl::string_view bytes;            // valid as long as `owner` lives
    std::shared_ptr<const void> owner;  // keeps the mapping
    std::function<void()> on_damage;    // called once, at the first damage met after Open
  };
  using Opener = std::function<absl::StatusOr<std::shared_ptr<const TreeFile>>(const Digest& name)>;

  // Checks the head alone, so it takes no longer for a large tree. `open` is called for each reference.
  // kDataLoss if the head is damaged; kInvalidArgument if it is no tree file or of another version.
  static absl::StatusOr<std::shared_ptr<const TreeFile>> Open(Source source, const Opener& open);
  // The names of the files that it refers to, for garbage collection.
  static absl::StatusOr<std::vector<Digest>> References(absl::string_view bytes);

  Tree tree() const;
  const Digest& name() const { return source_.name; }
  size_t size() const { return source_.bytes.size(); }
  const std::vector<std::shared_ptr<const TreeFile>>& references() const { return references_; }
  // Itself and all that it refers to, directly or not, each once.
  std::vector<std::shared_ptr<const TreeFile>> Closure() const;
  // Not OK once damage was met.
  absl::Status status() const;

  // For Directory and LinkCounts: empty if damaged.
  std::vector<Node> ReadDirectory(uint64_t offset, const Digest& expected, int depth) const;
  absl::string_view link_table() const;

 private:
  struct Place {
    uint64_t file = 0;
    uint64_t offset = 0;
  };
  struct Head;
  static absl::StatusOr<Head> ReadHead(absl::string_view bytes);

  TreeFile(Source source, Head head);
  // Null if the place is in no file that there is.
  std::shared_ptr<const Directory> At(const Place& place, const Digest& digest, bool has_links,
                                      int depth) const;
  bool Decode(uint64_t offset, const Digest& expected, int depth, std::vector<Node>* nodes) const;
  void ReportDamage() const;

  const Source source_;
  const std::unique_ptr<const Head> head_;
  std::vector<std::shared_ptr<const TreeFile>> references_;
  mutable std::once_flag links_once_;
  mutable bool links_good_ = false;
  mutable std::atomic<bool> damaged_{false};

 public:
  ~TreeFile();
};

// Directories in tree files are referred to; if those files, with all that they refer to, are more than
// `max_references`, only the largest one that refers to no other still is, and what lies in the others is
// written anew.
absl::StatusOr<std::string> EncodeTreeFile(const Tree& tree, size_t max_references = 8);

}  // namespace kasane

#endif  // KASANE_SRC_TREE_TREE_FILE_H_
