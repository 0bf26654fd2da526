// Files: whole reads and writes, atomic replacement, descriptors that close themselves.
#ifndef KASANE_SRC_BASE_FILE_H_
#define KASANE_SRC_BASE_FILE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

// Owns a file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// open(2) with O_CLOEXEC added.
absl::StatusOr<UniqueFd> OpenFile(const std::string& path, int flags, mode_t mode = 0666);

absl::StatusOr<std::string> ReadFile(const std::string& path);
absl::StatusOr<std::string> ReadAllFrom(int fd, absl::string_view name_for_errors);
// Writes all of `data` at the descriptor's position.
absl::Status WriteAll(int fd, absl::string_view data, absl::string_view name_for_errors);
// Reads exactly `size` bytes at `offset`; fewer is kDataLoss.
absl::Status PReadExactly(int fd, void* buffer, size_t size, int64_t offset,
                          absl::string_view name_for_errors);

// flock(2), through signals; `operation` without LOCK_NB. `name` is for errors.
absl::Status LockFile(int fd, int operation, absl::string_view name);

// Replaces `path` by a new file (written beside it under a temporary name, then renamed). Never half-written;
// on failure `path` is untouched and the temporary file is gone.
absl::Status WriteFileAtomic(const std::string& path, absl::string_view data, mode_t mode = 0644);
// The same, but leaves `path`, and its mtime, alone if it already holds `data`. True: written.
absl::StatusOr<bool> WriteFileIfChanged(const std::string& path, absl::string_view data);

// mkdir -p. Existing directories are fine.
absl::Status MakeDirs(const std::string& path, mode_t mode = 0777);
// rm -rf, never following symlinks, crossing no mount point. A missing path is fine.
absl::Status RemoveTree(const std::string& path);
// What is in a directory, itself included, on its own file system; nothing if it is not there.
struct TreeCount {
  int64_t files = 0;  // directories are none
  int64_t bytes = 0;  // on the disk
};
TreeCount CountTree(const std::string& path);
bool PathExists(const std::string& path);          // lstat succeeds
std::string AbsolutePath(absl::string_view path);  // against the working directory, textually cleaned
// Go's path.Clean: "." for empty, no trailing slash, "a/../b" resolved textually, "/.." is "/".
std::string CleanPath(absl::string_view path);
// `b` if it is absolute, else a/b; not cleaned.
std::string JoinPath(absl::string_view a, absl::string_view b);
// `target` as seen from directory `base` (both absolute, cleaned): "../x", "." if equal.
std::string RelativePath(absl::string_view target, absl::string_view base);
absl::string_view Basename(absl::string_view path);  // after the last '/', all of it if there is none
absl::string_view Dirname(absl::string_view path);   // before the last '/', "" if there is none
// The first is the second, or lies below it. Both clean, and both relative or both absolute: everything lies
// below "", or "/".
bool IsAtOrBelow(absl::string_view path, absl::string_view place);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_FILE_H_
