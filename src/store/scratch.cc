#include "src/store/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/status.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr absl::string_view kLockSuffix = ".lock";

// Locks the file if nobody else does and it still has its name. Between making a lock file and locking it,
// another process may take it for a dead one's and remove it.
bool TryLock(int fd, const std::string& path) {
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) return false;
  struct stat locked;
  struct stat named;
  return fstat(fd, &locked) == 0 && lstat(path.c_str(), &named) == 0 && locked.st_ino == named.st_ino &&
         locked.st_dev == named.st_dev;
}

}  // namespace

ScratchDir::ScratchDir(ScratchDir&& other) noexcept
    : path_(std::exchange(other.path_, "")),
      lock_path_(std::move(other.lock_path_)),
      lock_(std::move(other.lock_)),
      process_(other.process_) {}

ScratchDir& ScratchDir::operator=(ScratchDir&& other) noexcept {
  if (this != &other) {
    Remove();
    path_ = std::exchange(other.path_, "");
    lock_path_ = std::move(other.lock_path_);
    lock_ = std::move(other.lock_);
    process_ = other.process_;
  }
  return *this;
}

ScratchDir::~ScratchDir() { Remove(); }

void ScratchDir::Remove() {
  // A forked child that ends in its own way must not take the directory from its parent.
  if (path_.empty() || process_ != getpid()) return;
  // The lock file goes last: without it, nobody would know the directory for dead.
  if (RemoveTree(path_).ok()) unlink(lock_path_.c_str());
  path_.clear();
  lock_.reset();
}

absl::StatusOr<ScratchDir> Store::NewScratch() {
  static std::atomic<int> counter{0};
  std::string tmp = absl::StrCat(directory(), "/tmp");
  for (int attempt = 0; attempt < 1000; ++attempt) {
    ScratchDir scratch;
    std::string path = absl::StrCat(tmp, "/", getpid(), "-", counter++);
    scratch.lock_path_ = absl::StrCat(path, kLockSuffix);
    absl::StatusOr<UniqueFd> lock = OpenFile(scratch.lock_path_, O_RDWR | O_CREAT | O_EXCL, 0644);
    if (absl::IsAlreadyExists(lock.status()))
      continue;  // of an earlier process, or one in another pid namespace
    if (!lock.ok()) return lock.status();
    if (!TryLock(lock->get(), scratch.lock_path_)) continue;
    if (mkdir(path.c_str(), 0700) != 0) {
      int error_number = errno;
      unlink(scratch.lock_path_.c_str());
      if (error_number == EEXIST) continue;
      return ErrnoStatus(error_number, absl::StrCat("cannot create directory ", path));
    }
    scratch.lock_ = *std::move(lock);
    scratch.path_ = std::move(path);
    scratch.process_ = getpid();
    return scratch;
  }
  return absl::InternalError(absl::StrCat("cannot make a scratch directory in ", tmp));
}

void SpreadScratch(const std::string& tmp_directory) {
  UniqueFd fd(open(tmp_directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  int flags = 0;  // an int, whatever the request's name says
  if (!fd.valid() || ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) != 0 || (flags & FS_TOPDIR_FL) != 0) return;
  flags |= FS_TOPDIR_FL;
  ioctl(fd.get(), FS_IOC_SETFLAGS, &flags);
}

void RemoveDeadScratch(const std::string& tmp_directory) {
  DIR* dir = opendir(tmp_directory.c_str());
  if (dir == nullptr) return;
  std::vector<std::string> names;
  while (dirent* entry = readdir(dir)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(dir);
  for (const std::string& name : names) {
    std::string path = absl::StrCat(tmp_directory, "/", name);
    if (!absl::EndsWith(name, kLockSuffix)) {
      // The lock file is there before the directory and after it: without one, this is a leftover of a
      // removal.
      if (!PathExists(absl::StrCat(path, kLockSuffix))) RemoveTree(path).IgnoreError();
      continue;
    }
    UniqueFd lock(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!lock.valid() || !TryLock(lock.get(), path)) continue;
    if (RemoveTree(std::string(absl::StripSuffix(path, kLockSuffix))).ok()) unlink(path.c_str());
  }
}

}  // namespace kasane
