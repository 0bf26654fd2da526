#include "src/sandbox/lowerfs_files.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/sandbox/fuse_protocol.h"

namespace kasane {
namespace {

// Above this, a copy takes too long to be made while somebody waits.
constexpr int64_t kTakeOutSize = 256 << 20;
// Open files that this process can spare.
constexpr int kMostKept = 256;

}  // namespace

void LowerFiles::Attach(int fuse, bool passthrough) {
  passthrough_ = passthrough;
  fuse_ = fuse;
}

absl::Status LowerFiles::OpenBlobOf(LowerInode* inode, bool often) {
  const Entry& entry = inode->node().entry;
  const int64_t size = static_cast<int64_t>(entry.size);
  absl::StatusOr<BlobRef> blob = absl::NotFoundError("");
  if (passthrough_ && entry.size >= kPassthroughSize) {
    // The kernel can be given whole files only. What is copied once for that is read by all RUNs from one
    // place in memory.
    blob = store_->OpenLooseBlob(entry.content, size, often && size <= kTakeOutSize);
  }
  if (!blob.ok()) blob = store_->OpenBlob(entry.content);
  if (!blob.ok()) return Annotate(blob.status(), absl::StrCat("/", inode->path()));
  if (static_cast<uint64_t>(blob->size) != entry.size) {
    return absl::DataLossError(absl::StrCat("/", inode->path(), ": the blob in the store has another size"));
  }
  auto open = std::make_unique<LowerInode::OpenFile>();
  open->blob = *std::move(blob);
  if (fuse_ >= 0 && passthrough_ && open->blob.whole_file && entry.size >= kPassthroughSize) {
    // All concurrent opens of an inode must use one backing id. A refusal (no right, a stacked file system)
    // is fine.
    FuseBackingMap map = {open->blob.fd->get(), 0, 0};
    int id = ioctl(fuse_, kFuseIocBackingOpen, &map);
    if (id > 0) open->backing = id;
  }
  inode->open_ = std::move(open);
  return absl::OkStatus();
}

// Saves the question for the content, which nearly always follows an open. Only before the first open is
// answered, and under the inode's lock: while the kernel has such a question, it holds the page that we would
// wait for here, and so would all threads in the end.
absl::StatusOr<bool> LowerFiles::Push(LowerInode* inode, char* buffer) {
  const BlobRef& blob = inode->open_->blob;
  const size_t size = static_cast<size_t>(blob.size);
  RETURN_IF_ERROR(PReadExactly(blob.fd->get(), buffer, size, blob.offset, absl::StrCat("/", inode->path())));
  fuse_notify_store_out store = {};
  store.nodeid = inode->id();
  store.size = static_cast<uint32_t>(size);
  fuse_out_header header = {};
  header.error = FUSE_NOTIFY_STORE;
  header.len = static_cast<uint32_t>(sizeof(header) + sizeof(store) + size);
  iovec parts[3] = {{&header, sizeof(header)}, {&store, sizeof(store)}, {buffer, size}};
  // If the kernel has no room for it, it will ask.
  return writev(fuse_, parts, 3) == static_cast<ssize_t>(header.len);
}

absl::StatusOr<LowerFiles::Opened> LowerFiles::Open(LowerInode* inode, bool will_read, bool often,
                                                    char* buffer) {
  absl::MutexLock lock(&LockOf(inode));
  const bool first = !std::exchange(inode->opened_, true);
  if (inode->open_ == nullptr) {
    RETURN_IF_ERROR(OpenBlobOf(inode, often));
    inode->open_->kept = !first && kept_.fetch_add(1, std::memory_order_relaxed) < kMostKept;
  }
  LowerInode::OpenFile& open = *inode->open_;
  Opened opened;
  opened.backing = open.backing;
  if (first && will_read && fuse_ >= 0 && open.blob.size > 0 && open.blob.size <= kPushSize) {
    ASSIGN_OR_RETURN(opened.pushed, Push(inode, buffer));
  }
  ++open.opens;
  return opened;
}

void LowerFiles::Close(LowerInode* inode) {
  absl::MutexLock lock(&LockOf(inode));
  LowerInode::OpenFile* open = inode->open_.get();
  if (open == nullptr || open->opens == 0 || --open->opens > 0 || open->kept) return;
  if (open->backing > 0) {
    uint32_t id = static_cast<uint32_t>(open->backing);
    ioctl(fuse_, kFuseIocBackingClose, &id);
  }
  inode->open_.reset();
}

absl::StatusOr<size_t> LowerFiles::Read(LowerInode* inode, char* buffer, size_t size, uint64_t offset) {
  BlobRef blob;
  {
    absl::MutexLock lock(&LockOf(inode));
    if (inode->open_ != nullptr) blob = inode->open_->blob;
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
