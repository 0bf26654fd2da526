#include "src/base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <fts.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "src/base/status.h"

namespace kasane {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

absl::StatusOr<UniqueFd> OpenFile(const std::string& path, int flags, mode_t mode) {
  int fd = open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return ErrnoStatus(errno, absl::StrCat("cannot open ", path));
  return UniqueFd(fd);
}

absl::StatusOr<std::string> ReadAllFrom(int fd, absl::string_view name) {
  std::string out;
  struct stat st;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) out.reserve(static_cast<size_t>(st.st_size) + 1);
  size_t used = 0;
  while (true) {
    if (used == out.size()) out.resize(std::max(out.capacity(), used + 4096));
    ssize_t n = read(fd, &out[used], out.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", name));
    if (n == 0) break;
    used += static_cast<size_t>(n);
    if (used == out.capacity()) out.reserve(used * 2);
  }
  out.resize(used);
  return out;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDONLY));
  return ReadAllFrom(fd.get(), path);
}

absl::Status WriteAll(int fd, absl::string_view data, absl::string_view name) {
  while (!data.empty()) {
    ssize_t n = write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus(errno, absl::StrCat("cannot write ", name));
    data.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

absl::Status PReadExactly(int fd, void* buffer, size_t size, int64_t offset, absl::string_view name) {
  char* p = static_cast<char*>(buffer);
  while (size > 0) {
    ssize_t n = pread(fd, p, size, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", name));
    if (n == 0) return absl::DataLossError(absl::StrCat(name, " is shorter than it should be"));
    p += n;
    size -= static_cast<size_t>(n);
    offset += n;
  }
  return absl::OkStatus();
}

absl::Status WriteFileAtomic(const std::string& path, absl::string_view data, mode_t mode) {
  static std::atomic<int> counter{0};
  std::string temporary = absl::StrCat(path, ".", getpid(), ".", counter++, ".tmp");
  absl::Status status;
  {
    ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode));
    status = WriteAll(fd.get(), data, path);
  }
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, absl::StrCat("cannot replace ", path));
  }
  if (!status.ok()) unlink(temporary.c_str());
  return status;
}

namespace {

bool HoldsExactly(const std::string& path, absl::string_view data) {
  constexpr size_t kPiece = 64 << 10;
  const absl::StatusOr<UniqueFd> fd = OpenFile(path, O_RDONLY);
  struct stat st;
  if (!fd.ok() || fstat(fd->get(), &st) != 0 || static_cast<uint64_t>(st.st_size) != data.size())
    return false;
  std::string piece;
  for (size_t at = 0; at < data.size(); at += piece.size()) {
    piece.resize(std::min(kPiece, data.size() - at));
    if (!PReadExactly(fd->get(), &piece[0], piece.size(), static_cast<int64_t>(at), path).ok()) return false;
    if (piece != data.substr(at, piece.size())) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<bool> WriteFileIfChanged(const std::string& path, absl::string_view data) {
  if (HoldsExactly(path, data)) return false;
  RETURN_IF_ERROR(WriteFileAtomic(path, data));
  return true;
}

absl::Status MakeDirs(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0 || path.empty()) return absl::OkStatus();
  if (errno == ENOENT) {
    std::string parent(Dirname(path));
    if (!parent.empty()) RETURN_IF_ERROR(MakeDirs(parent, mode));
    if (mkdir(path.c_str(), mode) == 0) return absl::OkStatus();
  }
  int error_number = errno;
  struct stat st;
  if (error_number == EEXIST && stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return absl::OkStatus();
  return ErrnoStatus(error_number, absl::StrCat("cannot create directory ", path));
}

namespace {

// `type`: what readdir says of it.
absl::Status RemoveAt(int parent, const std::string& name, unsigned char type, dev_t device,
                      const std::string& shown) {
  if (type != DT_DIR) {
    if (unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return absl::OkStatus();
    if (errno != EISDIR && errno != EPERM) return ErrnoStatus(errno, absl::StrCat("cannot remove ", shown));
  }
  if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) return absl::OkStatus();  // many are empty
  UniqueFd fd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid() && errno == EACCES) {  // overlayfs leaves work/work with mode 000
    if (fchmodat(parent, name.c_str(), 0700, 0) == 0) {
      fd.reset(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    }
  }
  if (!fd.valid()) return ErrnoStatus(errno, absl::StrCat("cannot open ", shown));
  struct stat st;
  if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot stat ", shown));
  if (st.st_dev != device) return absl::FailedPreconditionError(absl::StrCat(shown, " is a mount point"));
  DIR* dir = fdopendir(fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
  if (dir == nullptr) return ErrnoStatus(errno, absl::StrCat("cannot list ", shown));
  std::vector<std::pair<std::string, unsigned char>> names;
  while (dirent* entry = readdir(dir)) {
    absl::string_view n = entry->d_name;
    if (n != "." && n != "..") names.emplace_back(n, entry->d_type);
  }
  closedir(dir);
  for (const auto& [n, kind] : names) {
    absl::Status status = RemoveAt(fd.get(), n, kind, device, JoinPath(shown, n));
    // A directory without its write bit stops anyone but root.
    if (absl::IsPermissionDenied(status) && fchmod(fd.get(), 0700) == 0) {
      status = RemoveAt(fd.get(), n, kind, device, JoinPath(shown, n));
    }
    RETURN_IF_ERROR(status);
  }
  if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    return ErrnoStatus(errno, absl::StrCat("cannot remove ", shown));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LockFile(int fd, int operation, absl::string_view name) {
  while (flock(fd, operation) != 0) {
    if (errno != EINTR) return ErrnoStatus(errno, absl::StrCat("cannot lock ", name));
  }
  return absl::OkStatus();
}

absl::Status RemoveTree(const std::string& path) {
  struct stat st;
  if (lstat(path.c_str(), &st) != 0) {
    return errno == ENOENT ? absl::OkStatus() : ErrnoStatus(errno, absl::StrCat("cannot stat ", path));
  }
  return RemoveAt(AT_FDCWD, path, S_ISDIR(st.st_mode) ? DT_DIR : DT_UNKNOWN, st.st_dev, path);
}

TreeCount CountTree(const std::string& path) {
  TreeCount count;
  std::string root = path;
  char* roots[] = {root.data(), nullptr};
  FTS* walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, nullptr);
  if (walk == nullptr) return count;
  while (const FTSENT* entry = fts_read(walk)) {
    if (entry->fts_info == FTS_DP || entry->fts_info == FTS_NS) continue;
    count.bytes += int64_t{entry->fts_statp->st_blocks} * 512;
    if (entry->fts_info != FTS_D && entry->fts_info != FTS_DNR) ++count.files;
  }
  fts_close(walk);
  return count;
}

bool PathExists(const std::string& path) {
  struct stat st;
  return lstat(path.c_str(), &st) == 0;
}

std::string CleanPath(absl::string_view path) {
  bool rooted = !path.empty() && path[0] == '/';
  std::vector<absl::string_view> parts;
  for (absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (part == ".") continue;
    if (part == "..") {
      if (!parts.empty() && parts.back() != "..") {
        parts.pop_back();
        continue;
      }
      if (rooted) continue;
    }
    parts.push_back(part);
  }
  std::string out = absl::StrCat(rooted ? "/" : "", absl::StrJoin(parts, "/"));
  return out.empty() ? "." : out;
}

std::string JoinPath(absl::string_view a, absl::string_view b) {
  if (a.empty() || (!b.empty() && b[0] == '/')) return std::string(b);
  return absl::StrCat(a, a.back() == '/' ? "" : "/", b);
}

std::string AbsolutePath(absl::string_view path) {
  if (!path.empty() && path[0] == '/') return CleanPath(path);
  char* cwd = getcwd(nullptr, 0);
  std::string joined = JoinPath(cwd == nullptr ? "/" : cwd, path);
  free(cwd);
  return CleanPath(joined);
}

std::string RelativePath(absl::string_view target, absl::string_view base) {
  std::vector<absl::string_view> t = absl::StrSplit(target, '/', absl::SkipEmpty());
  std::vector<absl::string_view> b = absl::StrSplit(base, '/', absl::SkipEmpty());
  size_t common = 0;
  while (common < t.size() && common < b.size() && t[common] == b[common]) ++common;
  std::vector<absl::string_view> out(b.size() - common, "..");
  out.insert(out.end(), t.begin() + static_cast<std::ptrdiff_t>(common), t.end());
  return out.empty() ? "." : absl::StrJoin(out, "/");
}

absl::string_view Basename(absl::string_view path) {
  size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

absl::string_view Dirname(absl::string_view path) {
  size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? absl::string_view() : path.substr(0, slash);
}

bool IsAtOrBelow(absl::string_view path, absl::string_view place) {
  return absl::StartsWith(path, place) &&
         (place.empty() || place.back() == '/' || path.size() == place.size() || path[place.size()] == '/');
}

}  // namespace kasane
