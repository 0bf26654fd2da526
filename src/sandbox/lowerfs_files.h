// The contents of files that are open in a lowerfs.
#ifndef KASANE_SRC_SANDBOX_LOWERFS_FILES_H_
#define KASANE_SRC_SANDBOX_LOWERFS_FILES_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "src/sandbox/lowerfs_nodes.h"
#include "src/store/store.h"

namespace kasane {

// Files of this size and more the kernel may read by itself (passthrough). Below it, registering one costs
// more than copying its bytes through us.
inline constexpr uint64_t kPassthroughSize = 256 << 10;

// Thread safe.
class LowerFiles {
 public:
  explicit LowerFiles(Store* store) : store_(store) {}

  // From now on, small files are put into the kernel's cache when they are opened first and, with
  // `passthrough`, large files are read by the kernel itself, if they are loose or worth it. `fuse` must stay
  // open as long as this lives.
  void Attach(int fuse, bool passthrough);

  struct Opened {
    int32_t backing = 0;  // the backing id to answer OPEN with; 0: READ will be asked
    bool pushed = false;  // the kernel has the content now and will not ask for it
  };
  // Each open needs a Close. `buffer`, for kPushSize bytes, is spoilt; `will_read`: the content is wanted;
  // `often`: and it may be again, by other RUNs.
  absl::StatusOr<Opened> Open(LowerInode* inode, bool will_read, bool often, char* buffer);
  void Close(LowerInode* inode);
  // Up to `size` bytes at `offset`; fewer only at the end of the file. The file must be open.
  absl::StatusOr<size_t> Read(LowerInode* inode, char* buffer, size_t size, uint64_t offset);

 private:
  static constexpr int kLocks = 64;
  static constexpr int64_t kPushSize = 64 << 10;
  absl::Mutex& LockOf(const LowerInode* inode) {
    return locks_[(reinterpret_cast<uintptr_t>(inode) / sizeof(LowerInode)) % kLocks];
  }

  absl::Status OpenBlobOf(LowerInode* inode, bool often);
  absl::StatusOr<bool> Push(LowerInode* inode, char* buffer);

  Store* const store_;
  std::atomic<int> fuse_{-1};
  std::atomic<bool> passthrough_{false};
  std::atomic<int> kept_{0};   // files that stay open
  absl::Mutex locks_[kLocks];  // guard opened_ and open_ of the inodes
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_LOWERFS_FILES_H_
