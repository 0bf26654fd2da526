// An immutable Merkle index of a file system. Cheap to copy; applying a delta shares all that did not change.
#ifndef KASANE_SRC_TREE_TREE_H_
#define KASANE_SRC_TREE_TREE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/tree/delta.h"
#include "src/tree/entry.h"

namespace kasane {

class Directory;

// A name in a directory. Owned by its Directory; valid as long as any Tree that holds it lives.
struct Node {
  std::string name;
  Entry entry;
  std::shared_ptr<const Directory> directory;  // non-null exactly for directories

  // Sorted by name, bytewise. Empty for non-directories. A directory read from a tree file is decoded on
  // first use (thread safe); if its bytes turn out damaged it reads as empty and Tree::status() says so from
  // then on.
  const std::vector<Node>& children() const;
  const Node* Child(absl::string_view name) const;  // null if absent
};

class Tree {
 public:
  Tree();  // an empty root directory: 0755, 0:0, mtime 0
  ~Tree();
  Tree(const Tree&);
  Tree& operator=(const Tree&);
  Tree(Tree&&) noexcept;
  Tree& operator=(Tree&&) noexcept;

  // The tree after `delta`, in time proportional to the delta and the directories that it touches.
  // A non-directory replaces what was there, with all below it; a directory over a non-directory too; a
  // directory over a directory gives its metadata and merges. A whiteout of what is not there changes
  // nothing. Missing parents are made (0755, 0:0, mtime of the entry).
  absl::StatusOr<Tree> Apply(const Delta& delta) const;

  const Node& root() const;
  // No symlink is followed, also not in the middle. "" and "." are the root. Null if absent.
  const Node* Lookup(absl::string_view relative_path) const;
  // Follows symlinks as a chroot'ed process does ("/" and ".." stay inside, at most 40 links). The canonical
  // path (relative, no links in it) of `path`: all but a missing rest must exist; the missing rest is kept
  // textually. With `follow_last` false a final symlink is not followed. Fails on loops and on a
  // non-directory in the middle.
  absl::StatusOr<std::string> Resolve(absl::string_view path, bool follow_last = true) const;

  // The Merkle digest: names and entries of all that is in it, mtimes included; of nothing else.
  Digest digest() const;
  // The number of names that share this entry's inode; 1 if it is in no link group.
  uint32_t LinkCount(const Entry& entry) const;
  // Not OK once damage was met in a lazily read file. Check before publishing what was derived from the tree.
  absl::Status status() const;

  // Depth first, in name order; `path` is relative ("" for the root, which comes first). Return false to skip
  // what is below a directory.
  void Walk(const std::function<bool(const std::string& path, const Node& node)>& visit) const;

  // Opaque: how the tree is kept in the store (tree_file.h).
  struct Rep;
  const std::shared_ptr<const Rep>& rep() const { return rep_; }
  explicit Tree(std::shared_ptr<const Rep> rep);

 private:
  std::shared_ptr<const Rep> rep_;
};

}  // namespace kasane

#endif  // KASANE_SRC_TREE_TREE_H_
