// The nodes of a tree that the kernel knows: identities, inode numbers, attributes.
#ifndef KASANE_SRC_SANDBOX_LOWERFS_NODES_H_
#define KASANE_SRC_SANDBOX_LOWERFS_NODES_H_

#include <linux/fuse.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "src/sandbox/observer.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

// What the kernel calls an inode. The node id of the protocol counts them (1 is the root). It is never given
// back: a RUN's nodes are few against the tree's, and each costs some 60 bytes.
class LowerInode : public SeenNode {
 public:
  LowerInode(uint32_t id, const Node* node, const SeenNode* parent, uint64_t inode)
      : SeenNode(node, parent, inode), id_(id) {}
  uint64_t id() const { return id_; }

 private:
  friend class LowerNodes;
  friend class LowerFiles;
  friend class LowerFs;
  // Of a file that is open.
  struct OpenFile {
    BlobRef blob;
    int opens = 0;
    int32_t backing = 0;
    // For good: what is opened again after it was closed is, as a rule, opened by every program that starts.
    bool kept = false;
  };

  const uint32_t id_;
  std::atomic<bool> listed_{false};  // the kernel was told of it in a listing
  bool opened_ = false;              // ever (LowerFiles)
  // One slot per name of a directory, made at the first lookup in it.
  std::atomic<std::atomic<LowerInode*>*> children_{nullptr};
  std::unique_ptr<OpenFile> open_;  // of LowerFiles
};

// Thread safe.
class LowerNodes {
 public:
  explicit LowerNodes(const Tree& tree);
  ~LowerNodes();

  LowerInode* root() { return root_; }
  // Null if no node has that id.
  LowerInode* FromId(uint64_t id);
  // Null if the directory has no such name.
  LowerInode* Lookup(LowerInode* directory, absl::string_view name);
  // The `index`th name of a directory.
  LowerInode* Child(LowerInode* directory, size_t index);
  // A function of the path, or of the link group, alone: the same in every RUN and on every machine. Below
  // 2^60, for overlayfs puts the layer's number into the upper bits (xino).
  static uint64_t InodeNumber(uint64_t parent_inode, const Node& node);

  // What stat shows. Directories have a constant size, link count and mtime: every walk through one asks for
  // them, so what they show must depend on mode and owner alone (soundness.md A5).
  void FillAttributes(const LowerInode& inode, fuse_attr* attributes) const;

 private:
  LowerInode* Add(const Node* node, LowerInode* parent, uint64_t number)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  LowerInode* NewInode(const Node* node, LowerInode* parent);

  const Tree tree_;
  absl::Mutex mutex_;
  std::deque<LowerInode> inodes_ ABSL_GUARDED_BY(mutex_);  // by id, from 1
  absl::flat_hash_map<uint64_t, LowerInode*> link_groups_ ABSL_GUARDED_BY(mutex_);
  LowerInode* root_ = nullptr;
};

// The mtime of every directory of the tree below, as a RUN sees it. Not 1970: zip cannot store what is older
// than 1980.
inline constexpr int64_t kDirectoryTime = 946684800;  // 2000-01-01T00:00:00Z

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_LOWERFS_NODES_H_
