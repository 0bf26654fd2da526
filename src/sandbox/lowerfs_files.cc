#include "src/sandbox/lowerfs_files.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/sandbox/fuse_protocol.h"

namespace kasane {
namespace {

// Below this, registering the file with the kernel costs more than copying its bytes through us.
constexpr int64_t kPassthroughSize = 256 << 10;

}  // namespace

absl::StatusOr<int32_t> LowerFiles::Open(LowerInode* inode) {
  absl::MutexLock lock(&LockOf(inode));
  if (inode->opens_ == 0) {
    const Entry& entry = inode->node().entry;
    absl::StatusOr<BlobRef> blob = store_->OpenBlob(entry.content);
    if (!blob.ok()) return Annotate(blob.status(), absl::StrCat("/", inode->path()));
    if (static_cast<uint64_t>(blob->size) != entry.size) {
      return absl::DataLossError(
          absl::StrCat("/", inode->path(), ": the blob in the store has another size"));
    }
    inode->blob_ = *std::move(blob);
    inode->backing_ = 0;
    if (fuse_ >= 0 && inode->blob_.whole_file && inode->blob_.size >= kPassthroughSize) {
      // All concurrent opens of an inode must use one backing id. A refusal (no right, a stacked file system)
      // is fine.
      FuseBackingMap map = {inode->blob_.fd->get(), 0, 0};
      int id = ioctl(fuse_, kFuseIocBackingOpen, &map);
      if (id > 0) inode->backing_ = id;
    }
  }
  ++inode->opens_;
  return inode->backing_;
}

void LowerFiles::Close(LowerInode* inode) {
  absl::MutexLock lock(&LockOf(inode));
  if (inode->opens_ == 0 || --inode->opens_ > 0) return;
  inode->blob_ = BlobRef();
  if (inode->backing_ > 0) {
    uint32_t id = static_cast<uint32_t>(inode->backing_);
    ioctl(fuse_, kFuseIocBackingClose, &id);
    inode->backing_ = 0;
  }
}

absl::StatusOr<size_t> LowerFiles::Read(LowerInode* inode, char* buffer, size_t size, uint64_t offset) {
  BlobRef blob;
  {
    absl::MutexLock lock(&LockOf(inode));
    blob = inode->blob_;
  }
  if (blob.fd == nullptr) return absl::InternalError(absl::StrCat("/", inode->path(), ": read without open"));
  uint64_t total = static_cast<uint64_t>(blob.size);
  if (offset >= total) return 0;
  size = std::min<uint64_t>(size, total - offset);
  RETURN_IF_ERROR(PReadExactly(blob.fd->get(), buffer, size, blob.offset + static_cast<int64_t>(offset),
                               absl::StrCat("/", inode->path())));
  return size;
}

}  // namespace kasane
