// Who sees what a RUN asks of the tree below it. The trace of a RUN is taken here, and nowhere else.
#ifndef KASANE_SRC_SANDBOX_OBSERVER_H_
#define KASANE_SRC_SANDBOX_OBSERVER_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "src/tree/tree.h"

namespace kasane {

// A node that the kernel has looked up. Lives as long as the LowerFs. A hard-linked file is one SeenNode,
// with the parent and name under which it was first found.
class SeenNode {
 public:
  const Node& node() const { return *node_; }
  const SeenNode* parent() const { return parent_; }  // null for the root
  uint64_t inode() const { return inode_; }
  std::string path() const;  // relative to the root, "" for it

  // For the observer's own use: what it knows of the node already.
  mutable std::atomic<uint32_t> marks{0};
  mutable std::atomic<uint32_t> asker{0};

 protected:
  SeenNode(const Node* node, const SeenNode* parent, uint64_t inode)
      : node_(node), parent_(parent), inode_(inode) {}

 private:
  const Node* const node_;
  const SeenNode* const parent_;
  const uint64_t inode_;
};

// Called from all threads of the file system, before the answer goes out: while the asker is blocked. `pid`
// is the asking thread's id in the pid namespace of the process that made the mount; 0: the kernel itself. An
// answer that the kernel may keep is asked for once: see LowerFs for what is kept how long.
class Observer {
 public:
  virtual ~Observer() = default;
  // `found` is null if `directory` has no such name. True: a stat of what was found would be recorded as no
  // more than this; it is answered along with it, for good.
  virtual bool OnLookup(uint32_t pid, const SeenNode& directory, absl::string_view name,
                        const SeenNode* found) = 0;
  // True: the kernel may keep the answer for whoever asks next. False: it must ask again, because less was
  // recorded than was shown.
  virtual bool OnGetattr(uint32_t pid, const SeenNode& node) = 0;
  // The size of a file that somebody has open is about to be used: for a read past its end, lseek(SEEK_END).
  // Nothing else of a stat is shown by that. The answer is as OnGetattr's.
  virtual bool OnSize(uint32_t pid, const SeenNode& node) = 0;
  // What a stat whose answer the kernel may not keep shows for a time.
  virtual Timestamp ShownTime(uint32_t /*pid*/, const SeenNode& node) { return node.node().entry.mtime; }
  // False: whoever's path leads through that name asks for it anew.
  virtual bool KeepsName(const SeenNode& /*node*/) { return true; }
  virtual void OnReadlink(uint32_t pid, const SeenNode& node) = 0;
  virtual void OnOpen(uint32_t pid, const SeenNode& node, uint32_t flags) = 0;  // flags: as open(2)'s
  virtual void OnRead(uint32_t pid, const SeenNode& node) = 0;                  // none under passthrough
  virtual void OnOpendir(uint32_t pid, const SeenNode& node) = 0;
  virtual void OnReaddir(uint32_t pid, const SeenNode& node) = 0;
  virtual void OnReleasedir(const SeenNode& node) = 0;
  // True if an OnReaddir of the directory is the same whoever lists it: one is enough.
  virtual bool KnowsList(const SeenNode& /*directory*/) { return false; }
  // Overlayfs asks for xattrs while it has upper directories locked: nothing may be looked at in these.
  virtual void OnGetxattr(uint32_t pid, const SeenNode& node, absl::string_view name) = 0;
  virtual void OnListxattr(uint32_t pid, const SeenNode& node) = 0;
  // Somebody has been told that no file of the tree has an xattr; the kernel will not ask for one again.
  virtual void OnNoXattrs() = 0;
  // Nothing will be asked: all of the tree was copied for the RUN, which may have read any of it.
  virtual void OnWholeTree() {}
  // True if what is recorded of this file is the same whoever asks. It may stand among the FrequentFiles
  // then: OnLookup and OnOpen are called at its first lookup, OnRead when its content is read first.
  virtual bool IsSameForAll(const SeenNode& /*node*/) { return false; }
  // True if what this thread asks about the names of a directory is all taken at its strictest. Then it may
  // be told of them with a listing, unasked, if it has asked for all that it has listed so far; OnLookup and
  // OnGetattr are called as if it had asked.
  virtual bool TakesAllStrictly(uint32_t /*pid*/, const SeenNode& /*directory*/) { return false; }
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_OBSERVER_H_
