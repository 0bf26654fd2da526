#include "src/store/write_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

class Writer {
 public:
  Writer(const Store& store, const WriteTreeOptions& options) : store_(store), options_(options) {}

  absl::Status Directory(const Node& node, const std::string& path) {
    for (const Node& child : node.children()) RETURN_IF_ERROR(Name(child, JoinPath(path, child.name)));
    Entry entry = node.entry;
    if (options_.directory_time.has_value()) entry.mtime = {*options_.directory_time, 0};
    return SetMetadata(entry, path);  // last: what is made in it changes its time
  }

  absl::Status Name(const Node& node, const std::string& path) {
    const Entry& entry = node.entry;
    if (entry.link_group != 0 && !options_.separate_names) {
      const auto [first, is_new] = links_.emplace(entry.link_group, path);
      if (!is_new) return Check(link(first->second.c_str(), path.c_str()), path);
    }
    if (entry.is_directory()) {
      RETURN_IF_ERROR(Check(mkdir(path.c_str(), 0700), path));
      return Directory(node, path);
    }
    RETURN_IF_ERROR(Make(entry, path));
    return SetMetadata(entry, path);
  }

 private:
  absl::Status Make(const Entry& entry, const std::string& path) {
    const dev_t device = makedev(entry.device_major, entry.device_minor);
    switch (entry.type) {
      case EntryType::kFile:
        return File(entry, path);
      case EntryType::kSymlink:
        return Check(symlink(entry.link_target.c_str(), path.c_str()), path);
      case EntryType::kFifo:
        return Check(mkfifo(path.c_str(), 0600), path);
      case EntryType::kCharDevice:
        return Check(mknod(path.c_str(), S_IFCHR | 0600, device), path);
      case EntryType::kBlockDevice:
        return Check(mknod(path.c_str(), S_IFBLK | 0600, device), path);
      case EntryType::kSocket:
        return Check(mknod(path.c_str(), S_IFSOCK | 0600, 0), path);
      case EntryType::kDirectory:
        break;
    }
    return absl::InternalError(absl::StrCat("unknown type of ", path));
  }

  absl::Status File(const Entry& entry, const std::string& path) {
    ASSIGN_OR_RETURN(const UniqueFd out, OpenFile(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0600));
    const absl::StatusOr<BlobRef> blob = store_.OpenBlob(entry.content, static_cast<int64_t>(entry.size));
    if (!blob.ok()) return absl::DataLossError(absl::StrCat("the store has lost the content of ", path));
    return ReadPieces(*blob, path, [&](absl::string_view piece) { return WriteAll(out.get(), piece, path); });
  }

  static absl::Status SetMetadata(const Entry& entry, const std::string& path) {
    RETURN_IF_ERROR(Check(lchown(path.c_str(), entry.uid, entry.gid), path));
    if (!entry.is_symlink()) RETURN_IF_ERROR(Check(chmod(path.c_str(), entry.mode), path));
    for (const auto& [name, value] : entry.xattrs) {
      if (lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) != 0 && errno != ENOTSUP) {
        return ErrnoStatus(errno, absl::StrCat("cannot set ", name, " of ", path));
      }
    }
    const timespec time = {entry.mtime.seconds, static_cast<long>(entry.mtime.nanoseconds)};
    const timespec times[2] = {time, time};
    return Check(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), path);
  }

  static absl::Status Check(int result, const std::string& path) {
    return result == 0 ? absl::OkStatus() : ErrnoStatus(errno, absl::StrCat("cannot create ", path));
  }

  const Store& store_;
  const WriteTreeOptions& options_;
  std::map<uint64_t, std::string> links_;  // by group: its first name
};

}  // namespace

absl::Status WriteTree(const Store& store, const Tree& tree, const std::string& source,
                       const std::string& directory, const WriteTreeOptions& options) {
  const Node* node = tree.Lookup(source);
  RETURN_IF_ERROR(tree.status());
  if (node == nullptr || !node->entry.is_directory()) {
    return absl::NotFoundError(absl::StrCat("there is no directory /", source));
  }
  RETURN_IF_ERROR(Writer(store, options).Directory(*node, directory));
  return tree.status();
}

absl::Status WriteTreeFile(const Store& store, const Tree& tree, const std::string& source,
                           const std::string& path, const WriteTreeOptions& options) {
  const Node* node = tree.Lookup(source);
  RETURN_IF_ERROR(tree.status());
  if (node == nullptr) return absl::NotFoundError(absl::StrCat("there is no /", source));
  return Writer(store, options).Name(*node, path);
}

}  // namespace kasane
