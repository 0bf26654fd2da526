// The blobs of a store: reading, writing, moving in.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/store/store.h"
#include "src/store/store_impl.h"

namespace kasane {
namespace {

constexpr size_t kInMemory =
    256 << 10;  // blobs up to here are hashed before a file is made: most are there already
constexpr size_t kChunk = 128 << 10;
constexpr off_t kWorthCloning = 256 << 10;

absl::Status NoBlob(const Digest& digest) {
  return absl::NotFoundError(absl::StrCat("no blob ", digest.ToString(), " in the store"));
}

// Calls `take` with each piece of the file from its position on.
template <typename Take>
absl::Status ReadPieces(int fd, absl::string_view name, const Take& take) {
  std::unique_ptr<char[]> buffer(new char[kChunk]);
  while (true) {
    ssize_t n = read(fd, buffer.get(), kChunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", name));
    if (n == 0) return absl::OkStatus();
    RETURN_IF_ERROR(take(absl::string_view(buffer.get(), static_cast<size_t>(n))));
  }
}

}  // namespace

bool Store::Impl::HasLoose(const Digest& digest, int64_t size) const {
  struct stat st;
  return stat(BlobPath(digest).c_str(), &st) == 0 && S_ISREG(st.st_mode) && st.st_size == size;
}

absl::Status Store::Impl::PublishBlob(const std::string& temporary, const Digest& digest, int64_t size,
                                      bool by_link) const {
  if (HasLoose(digest, size)) {
    unlink(temporary.c_str());
    return absl::OkStatus();
  }
  return Publish(temporary, BlobPath(digest), by_link);
}

void Store::Impl::RemoveDamagedBlob(const Digest& digest) {
  unlink(BlobPath(digest).c_str());
  NextGeneration().IgnoreError();
}

bool Store::HasBlob(const Digest& digest) const {
  return PathExists(impl_->BlobPath(digest)) || impl_->packs.Contains(digest, -1);
}

absl::Status ReadPieces(const BlobRef& blob, absl::string_view name,
                        absl::FunctionRef<absl::Status(absl::string_view piece)> take) {
  std::string buffer;
  for (int64_t done = 0; done < blob.size; done += static_cast<int64_t>(buffer.size())) {
    buffer.resize(static_cast<size_t>(std::min(static_cast<int64_t>(kChunk), blob.size - done)));
    RETURN_IF_ERROR(PReadExactly(blob.fd->get(), buffer.data(), buffer.size(), blob.offset + done, name));
    RETURN_IF_ERROR(take(buffer));
  }
  return absl::OkStatus();
}

absl::StatusOr<BlobRef> Store::Impl::OpenLoose(const Digest& digest, int64_t expected_size) {
  std::string path = BlobPath(digest);
  ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDONLY));
  struct stat st;
  if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot stat ", path));
  static const Digest kEmptyFile = Sha256Of("");
  bool wrong = expected_size >= 0 ? st.st_size != expected_size : st.st_size == 0 && digest != kEmptyFile;
  if (!wrong) return BlobRef{std::make_shared<const UniqueFd>(std::move(fd)), 0, st.st_size, true};
  RemoveDamagedBlob(digest);
  return NoBlob(digest);
}

absl::StatusOr<BlobRef> Store::OpenBlob(const Digest& digest, int64_t expected_size) const {
  // Of the files that are opened one after another most are a base image's.
  if (absl::optional<BlobRef> blob = impl_->packs.FindOpen(digest, expected_size)) return *std::move(blob);
  absl::StatusOr<BlobRef> blob = impl_->OpenLoose(digest, expected_size);
  if (blob.ok() || !absl::IsNotFound(blob.status())) return blob;
  return impl_->packs.OpenFileIn(digest, expected_size, nullptr);
}

absl::StatusOr<BlobRef> Store::OpenLooseBlob(const Digest& digest, int64_t expected_size, bool take_out) {
  absl::StatusOr<BlobRef> loose = impl_->OpenLoose(digest, expected_size);
  if (!take_out || !absl::IsNotFound(loose.status())) return loose;
  Digest pack;
  ASSIGN_OR_RETURN(const BlobRef packed, impl_->packs.OpenFileIn(digest, expected_size, &pack));
  BlobWriter writer = NewBlob();
  writer.impl_->by_link = true;  // lowerfs is being asked
  RETURN_IF_ERROR(
      ReadPieces(packed, "a file of a pack", [&](absl::string_view piece) { return writer.Write(piece); }));
  absl::Status copied = writer.Commit(digest).status();
  if (absl::IsDataLoss(copied)) impl_->packs.RemoveDamaged(pack);
  RETURN_IF_ERROR(copied);
  return impl_->OpenLoose(digest, expected_size);
}

absl::StatusOr<std::string> Store::ReadBlob(const Digest& digest) const {
  Digest pack;
  absl::StatusOr<BlobRef> blob = OpenBlob(digest);
  if (!blob.ok()) return blob.status();
  if (!blob->whole_file) blob = impl_->packs.OpenFileIn(digest, -1, &pack);
  if (!blob.ok()) return blob.status();
  std::string bytes;
  bytes.resize(static_cast<size_t>(blob->size));
  RETURN_IF_ERROR(
      PReadExactly(blob->fd->get(), &bytes[0], bytes.size(), blob->offset, impl_->BlobPath(digest)));
  if (Sha256Of(bytes) == digest) return bytes;
  if (blob->whole_file) {
    impl_->RemoveDamagedBlob(digest);
  } else {
    impl_->packs.RemoveDamaged(pack);
  }
  return absl::NotFoundError(
      absl::StrCat("blob ", digest.ToString(), " was damaged and is removed from the store"));
}

absl::StatusOr<std::string> Store::LooseBlobPath(const Digest& digest) const {
  std::string path = impl_->BlobPath(digest);
  if (!PathExists(path)) return NoBlob(digest);
  return path;
}

absl::StatusOr<Digest> Store::PutBlob(absl::string_view bytes) {
  Digest digest = Sha256Of(bytes);
  if (impl_->HasLoose(digest, static_cast<int64_t>(bytes.size()))) return digest;
  BlobWriter writer = NewBlob();
  RETURN_IF_ERROR(writer.Write(bytes));
  return writer.Commit();
}

absl::optional<std::string> Store::Impl::Clone(int fd) {
  struct stat st;
  if (!may_clone || fstat(fd, &st) != 0 || st.st_size < kWorthCloning) return absl::nullopt;
  absl::StatusOr<std::string> path = TemporaryPath();
  if (!path.ok()) return absl::nullopt;
  const UniqueFd clone(open(path->c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  if (clone.valid() && ioctl(clone.get(), FICLONE, fd) == 0) return *std::move(path);
  if (errno == EXDEV || errno == EOPNOTSUPP || errno == ENOTTY || errno == EINVAL) may_clone = false;
  unlink(path->c_str());
  return absl::nullopt;
}

absl::StatusOr<Digest> Store::CopyIn(int fd, int64_t* size_out) {
  // A clone is hashed after it is made: nobody can change it any more.
  if (const absl::optional<std::string> clone = impl_->Clone(fd)) {
    absl::StatusOr<Digest> digest = MoveIn(*clone, size_out);
    if (!digest.ok()) unlink(clone->c_str());
    return digest;
  }
  BlobWriter writer = NewBlob();
  RETURN_IF_ERROR(
      ReadPieces(fd, "a file to be stored", [&](absl::string_view data) { return writer.Write(data); }));
  if (size_out != nullptr) *size_out = writer.size();
  Digest digest = writer.impl_->hash.Finish();
  if (impl_->packs.Contains(digest, writer.size())) return digest;
  return writer.Commit();
}

absl::StatusOr<Digest> Store::MoveIn(const std::string& path, int64_t* size_out) {
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  absl::StatusOr<UniqueFd> fd = OpenFile(path, kFlags);
  // Its owner may have taken his own read permission away.
  if (absl::IsPermissionDenied(fd.status()) && chmod(path.c_str(), 0600) == 0) fd = OpenFile(path, kFlags);
  if (!fd.ok()) return fd.status();
  struct stat st;
  if (fstat(fd->get(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot stat ", path));
  if (!S_ISREG(st.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, " is not a regular file"));
  Sha256 hash;
  int64_t size = 0;
  RETURN_IF_ERROR(ReadPieces(fd->get(), path, [&](absl::string_view data) {
    hash.Update(data);
    size += static_cast<int64_t>(data.size());
    return absl::OkStatus();
  }));
  Digest digest = hash.Finish();
  if (size_out != nullptr) *size_out = size;
  if (impl_->packs.Contains(digest, size)) {
    unlink(path.c_str());
    return digest;
  }
  // chown first: it takes set-uid bits and capabilities away, and needs no second chmod.
  if (st.st_uid != geteuid() && fchown(fd->get(), geteuid(), getegid()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot change the owner of ", path));
  }
  if ((st.st_mode & 07777) != 0444 && fchmod(fd->get(), 0444) != 0)
    return ErrnoStatus(errno, absl::StrCat("cannot change the mode of ", path));
  const std::string target = impl_->BlobPath(digest);
  // Most are new, so whether it is there already is not asked first.
  const auto move = [&](unsigned flags) {
    return renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, target.c_str(), flags) == 0;
  };
  if (move(RENAME_NOREPLACE)) return digest;
  if (errno == ENOENT) {
    RETURN_IF_ERROR(MakeDirs(std::string(Dirname(target))));
    if (move(RENAME_NOREPLACE)) return digest;
  }
  if (errno == EEXIST || errno == EINVAL) {  // EINVAL: the file system has no such rename
    if (impl_->HasLoose(digest, size)) {
      unlink(path.c_str());
      return digest;
    }
    if (move(0)) return digest;  // over a damaged one
  }
  if (errno != EXDEV) return ErrnoStatus(errno, absl::StrCat("cannot move ", path, " into the store"));
  if (lseek(fd->get(), 0, SEEK_SET) != 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", path));
  ASSIGN_OR_RETURN(digest, CopyIn(fd->get(), size_out));
  unlink(path.c_str());
  return digest;
}

BlobWriter Store::NewBlob() { return BlobWriter(std::make_unique<BlobWriter::Impl>(impl_.get())); }

BlobWriter::BlobWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BlobWriter::BlobWriter(BlobWriter&&) noexcept = default;
BlobWriter& BlobWriter::operator=(BlobWriter&&) noexcept = default;
BlobWriter::~BlobWriter() = default;
int64_t BlobWriter::size() const { return impl_->size; }
absl::Status BlobWriter::Write(absl::string_view data) { return impl_->Write(data); }
const Sha256& BlobWriter::hash() const { return impl_->hash; }
absl::Status BlobWriter::WriteUnhashed(absl::string_view data) { return impl_->WriteUnhashed(data); }
void BlobWriter::SetHash(const Sha256& hash) { impl_->hash = hash; }

BlobWriter::Impl::~Impl() {
  if (!path.empty()) unlink(path.c_str());
}

absl::Status BlobWriter::Impl::Spill() {
  if (!path.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(path, store->TemporaryPath());
  ASSIGN_OR_RETURN(fd, OpenFile(path, O_RDWR | O_CREAT | O_EXCL, 0444));
  // Whatever the umask: the mode is part of the format.
  if (fchmod(fd.get(), 0444) != 0)
    return ErrnoStatus(errno, absl::StrCat("cannot change the mode of ", path));
  return WriteAll(fd.get(), std::exchange(buffer, ""), path);
}

absl::Status BlobWriter::Impl::Write(absl::string_view data) {
  if (status.ok()) hash.Update(data);
  return WriteUnhashed(data);
}

absl::Status BlobWriter::Impl::WriteUnhashed(absl::string_view data) {
  if (!status.ok()) return status;
  size += static_cast<int64_t>(data.size());
  if (path.empty() && buffer.size() + data.size() <= kInMemory) {
    buffer.append(data.data(), data.size());
    return status;
  }
  status = Spill();
  if (status.ok()) status = WriteAll(fd.get(), data, path);
  return status;
}

absl::StatusOr<Digest> BlobWriter::Commit(const Digest& expected) {
  RETURN_IF_ERROR(impl_->status);
  Digest digest = impl_->hash.Finish();
  if (!expected.empty() && digest != expected) {
    return absl::DataLossError(absl::StrCat("expected ", expected.ToString(), ", got ", digest.ToString()));
  }
  if (impl_->path.empty() && impl_->store->HasLoose(digest, impl_->size)) return digest;
  impl_->status = impl_->Spill();
  RETURN_IF_ERROR(impl_->status);
  impl_->fd.reset();
  RETURN_IF_ERROR(
      impl_->store->PublishBlob(std::exchange(impl_->path, ""), digest, impl_->size, impl_->by_link));
  return digest;
}

}  // namespace kasane
