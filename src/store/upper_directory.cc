#include "src/store/upper_directory.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/list_directory.h"
#include "src/base/status.h"

namespace kasane {
namespace {

// The second is that of a mount with "userxattr".
constexpr const char* kOpaque[] = {"trusted.overlay.opaque", "user.overlay.opaque"};

absl::Status Problem(const std::string& path) {
  return ErrnoStatus(errno, absl::StrCat("cannot create ", path));
}

absl::Status SetAttributes(const struct stat& st, const std::string& path) {
  const timespec times[2] = {st.st_atim, st.st_mtim};
  if (lchown(path.c_str(), st.st_uid, st.st_gid) != 0 ||
      (!S_ISLNK(st.st_mode) && chmod(path.c_str(), st.st_mode & 07777) != 0) ||
      utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return Problem(path);
  }
  return absl::OkStatus();
}

absl::Status CopyContent(const std::string& source, const std::string& target) {
  ASSIGN_OR_RETURN(const UniqueFd from, OpenFile(source, O_RDONLY));
  ASSIGN_OR_RETURN(const UniqueFd to, OpenFile(target, O_CREAT | O_EXCL | O_WRONLY, 0600));
  while (true) {
    const ssize_t n = sendfile(to.get(), from.get(), nullptr, size_t{1} << 30);
    if (n == 0) return absl::OkStatus();
    if (n < 0 && errno != EINTR) return Problem(target);
  }
}

absl::Status Copy(const struct stat& st, const std::string& source, const std::string& target) {
  if (S_ISREG(st.st_mode)) {
    RETURN_IF_ERROR(CopyContent(source, target));
  } else if (S_ISLNK(st.st_mode)) {
    std::string text(static_cast<size_t>(st.st_size) + 1, '\0');
    const ssize_t n = readlink(source.c_str(), text.data(), text.size());
    if (n < 0 || n >= static_cast<ssize_t>(text.size())) return Problem(target);
    text.resize(static_cast<size_t>(n));
    if (symlink(text.c_str(), target.c_str()) != 0) return Problem(target);
  } else if (mknod(target.c_str(), st.st_mode, st.st_rdev) != 0) {
    return Problem(target);
  }
  return SetAttributes(st, target);
}

// Null if the directory is not opaque.
const char* OpaqueMark(const std::string& directory) {
  for (const char* mark : kOpaque) {
    char value = 0;
    if (lgetxattr(directory.c_str(), mark, &value, 1) == 1 && value == 'y') return mark;
  }
  return nullptr;
}

absl::Status Add(const std::string& source, const std::string& target);

absl::Status AddDirectory(const struct stat& st, const std::string& source, const std::string& target) {
  const char* const opaque = OpaqueMark(source);
  struct stat there;
  // A directory on a whiteout or a file is opaque: overlayfs has made it so.
  if (lstat(target.c_str(), &there) == 0 && (opaque != nullptr || !S_ISDIR(there.st_mode)))
    RETURN_IF_ERROR(RemoveTree(target));
  if (mkdir(target.c_str(), 0700) != 0 && errno != EEXIST) return Problem(target);
  for (const std::string& name : NamesIn(source))
    RETURN_IF_ERROR(Add(JoinPath(source, name), JoinPath(target, name)));
  if (opaque != nullptr && setxattr(target.c_str(), opaque, "y", 1, 0) != 0) return Problem(target);
  return SetAttributes(st, target);
}

absl::Status Add(const std::string& source, const std::string& target) {
  struct stat st;
  if (lstat(source.c_str(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", source));
  if (S_ISDIR(st.st_mode)) return AddDirectory(st, source, target);
  RETURN_IF_ERROR(RemoveTree(target));
  if (link(source.c_str(), target.c_str()) == 0) return absl::OkStatus();
  if (errno != EXDEV) return Problem(target);
  return Copy(st, source, target);
}

}  // namespace

absl::Status LayOnTop(const std::string& source, const std::string& target) { return Add(source, target); }

absl::Status MoveOnTop(const std::string& source, const std::string& target) {
  struct stat st, there;
  if (lstat(source.c_str(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", source));
  const bool joins = S_ISDIR(st.st_mode) && lstat(target.c_str(), &there) == 0 && S_ISDIR(there.st_mode) &&
                     OpaqueMark(source) == nullptr;
  if (joins) {
    for (const std::string& name : NamesIn(source))
      RETURN_IF_ERROR(MoveOnTop(JoinPath(source, name), JoinPath(target, name)));
    return SetAttributes(st, target);
  }
  if (rename(source.c_str(), target.c_str()) == 0) return absl::OkStatus();
  RETURN_IF_ERROR(RemoveTree(target));  // a directory that is not empty, or of another type
  return rename(source.c_str(), target.c_str()) == 0 ? absl::OkStatus() : Problem(target);
}

}  // namespace kasane
