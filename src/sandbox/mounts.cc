#include "src/sandbox/mounts.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/sandbox/lowerfs.h"
#include "src/sandbox/lowerfs_nodes.h"
#include "src/sandbox/process.h"

namespace kasane {
namespace {

absl::Status MakeDirectory(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot create ", path));
}

absl::Status Problem(const SandboxMount& mount, absl::string_view what) {
  return absl::AbortedError(absl::StrCat("cannot mount on ", mount.target, ": ", what));
}

// Mount points that the tree below lacks are shown by lowerfs already (stubs.h). What is missing here lies
// inside another mount, and is made there for good, as runc does it.
absl::Status MakeMountPoint(const SandboxMount& mount, bool is_file) {
  struct stat st;
  if (stat(mount.target.c_str(), &st) == 0) {
    if (S_ISDIR(st.st_mode) == !is_file) return absl::OkStatus();
    return Problem(mount, is_file ? "a directory is there, a file is to be mounted"
                                  : "a file is there, a directory is to be mounted");
  }
  const std::vector<std::string> parts = absl::StrSplit(mount.target, '/', absl::SkipEmpty());
  std::string path;
  for (size_t i = 0; i < parts.size(); ++i) {
    absl::StrAppend(&path, "/", parts[i]);
    if (is_file && i + 1 == parts.size()) {
      UniqueFd file(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
      if (file.valid()) continue;
    } else if (mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) {
      continue;
    }
    return Problem(mount, ErrnoStatus(errno, absl::StrCat("cannot create ", path)).message());
  }
  return absl::OkStatus();
}

absl::Status BindMount(const std::string& source, const SandboxMount& mount, unsigned long flags) {
  if (mount.read_only) flags |= MS_RDONLY;
  RETURN_IF_ERROR(Mount(source, mount.target, "", MS_BIND | MS_REC));
  if (flags == 0) return absl::OkStatus();
  return Mount("", mount.target, "", MS_BIND | MS_REMOUNT | flags);
}

absl::Status MountTmpfs(const SandboxMount& mount) {
  struct stat st;
  if (stat(mount.target.c_str(), &st) != 0) return ErrnoStatus(errno, mount.target);
  const std::string data = mount.size > 0 ? absl::StrCat("size=", mount.size) : "";
  RETURN_IF_ERROR(Mount("tmpfs", mount.target, "tmpfs", MS_NOSUID, data));
  // The directory that it hides lends it its mode; one that was made for it does not: as under runc.
  if (!mount.missing && chmod(mount.target.c_str(), st.st_mode & 07777) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot set the mode of ", mount.target));
  }
  if (!mount.read_only) return absl::OkStatus();
  return Mount("", mount.target, "", MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID);
}

// A file on a tmpfs that is nowhere to be seen: `place` is a directory of the scratch directory.
absl::Status MountFile(const SandboxMount& mount, const std::string& place) {
  unsigned long flags = MS_NODEV | MS_NOSUID | ((mount.mode & 0111) == 0 ? MS_NOEXEC : 0);
  RETURN_IF_ERROR(MakeDirectory(place, 0711));
  RETURN_IF_ERROR(Mount("tmpfs", place, "tmpfs", flags));
  const std::string file = absl::StrCat(place, "/file");
  ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(file, O_CREAT | O_EXCL | O_WRONLY, 0600));
  RETURN_IF_ERROR(WriteAll(fd.get(), mount.content, "a file in memory"));
  if (fchown(fd.get(), mount.uid, mount.gid) != 0 || fchmod(fd.get(), mount.mode & 0777) != 0) {
    return ErrnoStatus(errno, "cannot set the owner of a file in memory");
  }
  return BindMount(file, mount, flags | MS_RDONLY);
}

}  // namespace

std::string PlaceOfMount(size_t index) { return absl::StrCat("m", index); }

absl::Status SortMounts(std::vector<SandboxMount>* mounts) {
  std::stable_sort(mounts->begin(), mounts->end(),
                   [](const SandboxMount& a, const SandboxMount& b) { return a.target < b.target; });
  std::vector<SandboxMount> kept;
  for (SandboxMount& mount : *mounts) {
    if (!kept.empty() && kept.back().target == mount.target) kept.pop_back();
    kept.push_back(std::move(mount));
  }
  *mounts = std::move(kept);
  for (const SandboxMount& mount : *mounts) RETURN_IF_ERROR(IsFileMount(mount).status());
  return absl::OkStatus();
}

absl::StatusOr<bool> IsFileMount(const SandboxMount& mount) {
  switch (mount.kind) {
    case SandboxMount::Kind::kTree: {
      const Node* node = mount.tree.Lookup(mount.source);
      RETURN_IF_ERROR(mount.tree.status());
      if (node == nullptr) return Problem(mount, absl::StrCat("/", mount.source, " is not there"));
      return !node->entry.is_directory();
    }
    case SandboxMount::Kind::kHost:
      return mount.is_file;
    case SandboxMount::Kind::kTmpfs:
      return false;
    case SandboxMount::Kind::kFile:
      return true;
  }
  return false;
}

OverlayRoot OverlayRootOf(const Tree& tree) {
  const Entry& root = tree.root().entry;
  return {root.mode, root.uid, root.gid, root.xattrs.get(), kDirectoryTime};
}

absl::Status MountLower(const std::string& lower, bool direct, const std::function<void(int)>& send) {
  RETURN_IF_ERROR(MakeDirectory(lower, 0755));
  ASSIGN_OR_RETURN(UniqueFd fuse, OpenFile("/dev/fuse", O_RDWR));
  RETURN_IF_ERROR(Mount(
      "kasane", lower, "fuse", MS_RDONLY | MS_NOATIME,
      absl::StrCat("fd=", fuse.get(), ",", LowerFs::kMountOptions, direct ? ",default_permissions" : "")));
  send(fuse.get());
  return absl::OkStatus();
}

absl::Status MountOverlay(const OverlayRoot& root, const std::string& lower, const std::string& where,
                          const std::string& target, bool root_mode) {
  std::string upper = where + "upper", work = where + "work";
  RETURN_IF_ERROR(MakeDirectory(upper, 0755));
  RETURN_IF_ERROR(MakeDirectory(work, 0700));
  timespec times[2] = {{root.mtime, 0}, {root.mtime, 0}};
  for (const auto& [name, value] : root.xattrs) {
    setxattr(upper.c_str(), name.c_str(), value.data(), value.size(),
             0);  // what this file system does not take: lost
  }
  if (chown(upper.c_str(), root.uid, root.gid) != 0 || chmod(upper.c_str(), root.permissions) != 0 ||
      utimensat(AT_FDCWD, upper.c_str(), times, 0) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot set the owner of ", upper));
  }
  return Mount(
      "overlay", target, "overlay", 0,
      absl::StrCat("lowerdir=", lower, ",upperdir=", upper, ",workdir=", work, ",index=off,xino=on,volatile",
                   // userxattr implies that directories are not redirected
                   root_mode ? ",redirect_dir=off,metacopy=off" : ",userxattr"));
}

absl::Status MountTrees(const std::vector<SandboxMount>& mounts, const std::string& where, bool root_mode,
                        const std::function<void(int)>& send) {
  for (size_t i = 0; i < mounts.size(); ++i) {
    if (mounts[i].kind != SandboxMount::Kind::kTree) continue;
    const std::string place = PlaceOfMount(i);
    RETURN_IF_ERROR(MakeDirectory(place, 0755));
    if (mounts[i].read_only) {
      RETURN_IF_ERROR(MountLower(place + "/root", true, send));
      continue;
    }
    RETURN_IF_ERROR(MountLower(place + "/lower", false, send));
    RETURN_IF_ERROR(MakeDirectory(place + "/root", 0755));
    if (!where.empty()) RETURN_IF_ERROR(MakeDirectory(where + place, 0755));
    RETURN_IF_ERROR(MountOverlay(OverlayRootOf(mounts[i].tree), place + "/lower",
                                 absl::StrCat(where, place, "/"), place + "/root", root_mode));
  }
  return absl::OkStatus();
}

absl::Status MakeMounts(const std::vector<SandboxMount>& mounts, const std::string& scratch, bool guarded) {
  const unsigned long no_devices = guarded ? 0 : MS_NODEV;
  for (size_t i = 0; i < mounts.size(); ++i) {
    const SandboxMount& mount = mounts[i];
    const std::string place = JoinPath(scratch, PlaceOfMount(i));
    ASSIGN_OR_RETURN(const bool is_file, IsFileMount(mount));
    RETURN_IF_ERROR(MakeMountPoint(mount, is_file));
    absl::Status status;
    switch (mount.kind) {
      case SandboxMount::Kind::kTree:
        status = BindMount(JoinPath(place + "/root", mount.source), mount, no_devices);
        break;
      case SandboxMount::Kind::kHost:
        status = BindMount(mount.path.substr(1), mount, no_devices | mount.flags);
        break;
      case SandboxMount::Kind::kTmpfs:
        status = MountTmpfs(mount);
        break;
      case SandboxMount::Kind::kFile:
        status = MountFile(mount, place);
        break;
    }
    if (!status.ok()) return Problem(mount, status.message());
  }
  return absl::OkStatus();
}

}  // namespace kasane
