// The tree below a RUN, served to the kernel as a read-only FUSE file system straight from tree and store.
//
// Speaks the kernel's protocol itself. Whatever a RUN can learn from below is asked here, so an Observer sees
// it all; the kernel's own caches remove the repeats. What is kept how long:
//   names, also absent ones   for ever (the tree is immutable and each RUN has a mount of its own), but for
//                             those of which the observer says otherwise
//   attributes                for ever after a stat's GETATTR; after LOOKUP, if there is an observer, only
//                             where it would record no more for a stat, or the stat is expected: "exists"
//                             and "was stat'ed" are told apart
//   contents, link targets    for ever; each open sends an OPEN
//   listings                  for ever once the observer knows all of it, or if there is none
// A listing brings names and attributes along (READDIRPLUS): all of them without an observer, with one those
// that are expected, and all if the asker would ask for all (Walkers). An open file that fits into a few
// pages is put into the kernel's cache before it is read.
#ifndef KASANE_SRC_SANDBOX_LOWERFS_H_
#define KASANE_SRC_SANDBOX_LOWERFS_H_

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "src/base/file.h"
#include "src/sandbox/fuse_reply.h"
#include "src/sandbox/fuse_request.h"
#include "src/sandbox/lowerfs_files.h"
#include "src/sandbox/lowerfs_nodes.h"
#include "src/sandbox/observer.h"
#include "src/sandbox/walkers.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

class LowerFs {
 public:
  struct Options {
    int threads = 0;           // 0: one per CPU, at least 2, at most 8
    bool passthrough = false;  // hand large files to the kernel (needs CAP_SYS_ADMIN and Linux 6.9)
    // The caller knows that nothing in the tree has an xattr. The first GETXATTR is answered ENOSYS then and
    // no other is sent (getxattr fails with EOPNOTSUPP); overlayfs would send one for each file.
    bool no_xattrs = false;
    Observer* observer = nullptr;  // may be null; must outlive this
    // True for a name of a directory that whoever lists the directory, or looks the name up, will stat before
    // long: the last trace says so. The kernel is told of it with the listing or the name and does not ask;
    // the observer sees the same calls as if it had, before the answer goes out. With a listing once for each
    // name at most. Called from all threads; may be null. Without an observer everything is expected.
    std::function<bool(const SeenNode& directory, const Node& child)> expected;
  };
  // What to mount it with, beside fd=N. The file system is read-only by nature: every write request is
  // refused.
  static constexpr char kMountOptions[] = "rootmode=40755,user_id=0,group_id=0,allow_other";

  // `store` must outlive this.
  LowerFs(Store* store, const Tree& tree, const Options& options);
  virtual ~LowerFs();  // stops

  // Starts serving the mount that this /dev/fuse descriptor belongs to. Once only.
  absl::Status Start(UniqueFd fuse);
  // Ends all threads, whether or not the mount is gone. What is still asked then fails with ENOTCONN.
  void Stop();

  // Not OK once a request failed through a fault of ours: a missing or damaged blob, a damaged tree, an I/O
  // error. A program takes such an error for "no", so whatever the RUN did after that must not be kept
  // (soundness.md A10).
  absl::Status status() const;
  // The answer to one request, both as they pass through /dev/fuse; "" if it gets none. Whatever the bytes
  // are: what is no request, or names a node that the kernel was not told of, is refused with an error. For
  // tests.
  std::string Answer(absl::string_view request);
  // Requests served so far, by opcode (fuse_opcode); for tests and statistics.
  std::vector<uint64_t> request_counts() const;

 protected:
  static constexpr uint64_t kForEver = ~0ULL >> 2;  // seconds
  struct Request : FuseRequest {
    LowerInode* inode = nullptr;  // not null if FuseRequestNeedsNode
  };

  // Called from all threads; whoever overrides them stops in the destructor.
  virtual void Lookup(const Request& request, FuseReply* reply);
  virtual void Open(const Request& request, FuseReply* reply);
  virtual void Read(const Request& request, FuseReply* reply);
  virtual void Opendir(const Request& request, FuseReply* reply);
  virtual void Readdir(const Request& request, FuseReply* reply);
  // Lists the names for which `lists` returns true. It is told the index of each and what to fill in beyond
  // the name's being there; null if nothing more is asked.
  void List(const Request& request, absl::FunctionRef<bool(size_t, fuse_entry_out*)> lists, FuseReply* reply);
  void FillEntry(LowerInode* inode, bool with_attributes, fuse_entry_out* out) const;
  void Poison(const absl::Status& status);
  const Options& options() const { return options_; }
  LowerNodes* nodes() { return &nodes_; }
  LowerFiles* files() { return &files_; }

 private:
  void Serve(int fd);
  // False: `bytes` are so few that there is nobody to answer.
  bool Receive(absl::string_view bytes, FuseReply* reply);
  void Handle(const Request& request, FuseReply* reply);
  void Init(const Request& request, FuseReply* reply);
  void Getattr(const Request& request, FuseReply* reply);
  void Readlink(const Request& request, FuseReply* reply);
  void Release(const Request& request, FuseReply* reply);
  bool IsExpected(const SeenNode& directory, const Node& child) const;
  // What a listing says of the `index`th name beyond its being there; left zero if that is nothing.
  void FillListed(const Request& request, size_t index, bool all, fuse_entry_out* out);
  void Getxattr(const Request& request, FuseReply* reply);
  void Listxattr(const Request& request, FuseReply* reply);

  Store* const store_;
  const Tree tree_;
  const Options options_;
  LowerNodes nodes_;
  LowerFiles files_;
  Walkers walkers_;
  std::vector<UniqueFd> fds_;
  std::vector<pthread_t> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> counts_[64] = {};
  mutable absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_LOWERFS_H_
