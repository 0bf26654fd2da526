#include "src/oci/cache_archive.h"

#include <fcntl.h>
#include <fts.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/oci/tar_reader.h"
#include "src/oci/tar_writer.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;
constexpr size_t kChunk = 1 << 20;
constexpr size_t kMaxHead = 64 << 10;
constexpr char kHead[] = "cache.json";
constexpr char kData[] = "data";

class Packer {
 public:
  Packer(const std::string& root, int fd) : root_(root), fd_(fd) {}

  absl::Status Pack(const CacheInfo& info) {
    const std::string head = DumpJson(Json{{"version", kVersion},
                                           {"id", info.name.id},
                                           {"base", info.name.base},
                                           {"generation", info.generation}});
    TarHeader header;
    header.name = kHead;
    header.mode = 0644;
    header.size = head.size();
    RETURN_IF_ERROR(Header(header));
    std::string text = head;
    AppendTarPadding(head.size(), &text);
    RETURN_IF_ERROR(Write(text));
    RETURN_IF_ERROR(Walk());
    std::string end;
    AppendTarEnd(&end);
    return Write(end);
  }

 private:
  absl::Status Write(absl::string_view bytes) { return WriteAll(fd_, bytes, "the archive"); }
  absl::Status Header(const TarHeader& header) {
    std::string bytes;
    RETURN_IF_ERROR(AppendTarHeader(header, &bytes));
    return Write(bytes);
  }

  static int ByName(const FTSENT** a, const FTSENT** b) { return strcmp((*a)->fts_name, (*b)->fts_name); }

  absl::Status Walk() {
    std::string root = root_;
    char* roots[] = {root.data(), nullptr};
    FTS* walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, ByName);
    if (walk == nullptr) return ErrnoStatus(errno, absl::StrCat("cannot list ", root_));
    absl::Status status;
    while (const FTSENT* entry = fts_read(walk)) {
      if (entry->fts_info == FTS_DP) continue;
      if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS) {
        status = ErrnoStatus(entry->fts_errno, absl::StrCat("cannot read ", entry->fts_path));
      } else {
        status = Add(entry->fts_path, *entry->fts_statp);
      }
      if (!status.ok()) break;
    }
    fts_close(walk);
    return status;
  }

  absl::Status Add(const std::string& path, const struct stat& st) {
    TarHeader header;
    header.name = absl::StrCat(kData, path.substr(root_.size()));
    header.mode = st.st_mode & 07777;
    header.uid = st.st_uid;
    header.gid = st.st_gid;
    header.mtime.seconds = st.st_mtim.tv_sec;
    switch (st.st_mode & S_IFMT) {
      case S_IFREG:
        break;
      case S_IFDIR:
        header.type = TarType::kDirectory;
        header.name += '/';
        break;
      case S_IFLNK:
        header.type = TarType::kSymlink;
        RETURN_IF_ERROR(ReadLink(path, &header.link_name));
        break;
      case S_IFIFO:
        header.type = TarType::kFifo;
        break;
      case S_IFCHR:
      case S_IFBLK:
        header.type = S_ISCHR(st.st_mode) ? TarType::kCharDevice : TarType::kBlockDevice;
        header.device_major = major(st.st_rdev);
        header.device_minor = minor(st.st_rdev);
        break;
      default:
        return absl::OkStatus();
    }
    if (!S_ISDIR(st.st_mode) && st.st_nlink > 1) {
      const auto [first, is_new] = links_.emplace(std::make_pair(st.st_dev, st.st_ino), header.name);
      if (!is_new) {
        header.type = TarType::kHardLink;
        header.link_name = first->second;
        return Header(header);
      }
    }
    RETURN_IF_ERROR(ReadXattrs(path, &header));
    return header.type == TarType::kFile ? AddFile(path, std::move(header)) : Header(header);
  }

  static absl::Status ReadLink(const std::string& path, std::string* target) {
    target->resize(4096);
    const ssize_t size = readlink(path.c_str(), target->data(), target->size());
    if (size < 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", path));
    target->resize(static_cast<size_t>(size));
    return absl::OkStatus();
  }

  static absl::Status ReadXattrs(const std::string& path, TarHeader* header) {
    std::string list(65536, '\0');
    const ssize_t size = llistxattr(path.c_str(), list.data(), list.size());
    if (size < 0) return errno == ENOTSUP ? absl::OkStatus() : ErrnoStatus(errno, path);
    list.resize(static_cast<size_t>(size));
    for (absl::string_view name : absl::StrSplit(list, '\0', absl::SkipEmpty())) {
      if (absl::StartsWith(name, "security.") && name != "security.capability") continue;
      std::string value(65536, '\0');
      const ssize_t length = lgetxattr(path.c_str(), std::string(name).c_str(), value.data(), value.size());
      if (length < 0) continue;
      value.resize(static_cast<size_t>(length));
      header->xattrs.emplace_back(std::string(name), std::move(value));
    }
    std::sort(header->xattrs.begin(), header->xattrs.end());
    return absl::OkStatus();
  }

  // Nobody else uses the cache, but whoever shortens a file meanwhile must not spoil the archive.
  absl::Status AddFile(const std::string& path, TarHeader header) {
    ASSIGN_OR_RETURN(const UniqueFd file, OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    struct stat st;
    if (fstat(file.get(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", path));
    header.size = static_cast<uint64_t>(st.st_size);
    RETURN_IF_ERROR(Header(header));
    std::string buffer;
    for (uint64_t done = 0; done < header.size;) {
      buffer.resize(std::min<uint64_t>(kChunk, header.size - done));
      RETURN_IF_ERROR(
          PReadExactly(file.get(), buffer.data(), buffer.size(), static_cast<int64_t>(done), path));
      done += buffer.size();
      if (done == header.size) AppendTarPadding(header.size, &buffer);
      RETURN_IF_ERROR(Write(buffer));
    }
    return absl::OkStatus();
  }

  const std::string& root_;
  const int fd_;
  std::map<std::pair<dev_t, ino_t>, std::string> links_;
};

absl::StatusOr<CacheInfo> ParseHead(const std::string& text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, kHead));
  if (JsonInt(json, "version") != kVersion) {
    return absl::DataLossError("this archive of a cache is of another version");
  }
  CacheInfo info;
  info.name = {JsonString(json, "id"), JsonString(json, "base")};
  info.generation = JsonString(json, "generation");
  const bool valid = info.generation.size() == 16 &&
                     info.generation.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (info.name.id.empty() || !valid) return absl::DataLossError("cache.json does not name a cache");
  return info;
}

using Begin = absl::FunctionRef<absl::StatusOr<std::string>(const CacheInfo&)>;

class Unpacker : public TarReader::Handler {
 public:
  explicit Unpacker(Begin begin) : begin_(begin) {}

  absl::Status OnMember(const TarHeader& header, int64_t) override {
    header_ = header;
    if (!root_.valid()) {
      if (header.name == kHead && header.type == TarType::kFile && header.size <= kMaxHead)
        return absl::OkStatus();
      return absl::DataLossError("this is no archive of a cache: it does not begin with cache.json");
    }
    ASSIGN_OR_RETURN(path_, Inside(header.name));
    if (path_ == ".") return absl::OkStatus();
    ASSIGN_OR_RETURN(parent_, OpenParent(path_));
    name_ = std::string(Basename(path_));
    return Make();
  }
  absl::Status OnContent(absl::string_view data) override {
    if (!root_.valid()) {
      absl::StrAppend(&head_, data);
      return absl::OkStatus();
    }
    return file_.valid() ? WriteAll(file_.get(), data, path_) : absl::OkStatus();
  }
  absl::Status OnMemberEnd() override {
    if (root_.valid()) return SetMetadata();
    ASSIGN_OR_RETURN(const CacheInfo info, ParseHead(head_));
    ASSIGN_OR_RETURN(const std::string directory, begin_(info));
    ASSIGN_OR_RETURN(root_, OpenFile(directory, O_PATH | O_DIRECTORY));
    return absl::OkStatus();
  }

  // Directories get their times last.
  absl::Status Finish() {
    if (!root_.valid()) return absl::DataLossError("this is no archive of a cache: it is empty");
    for (auto it = directories_.rbegin(); it != directories_.rend(); ++it) {
      ASSIGN_OR_RETURN(const UniqueFd fd, OpenBelow(it->first, O_RDONLY | O_DIRECTORY));
      const timespec times[2] = {{it->second, 0}, {it->second, 0}};
      if (futimens(fd.get(), times) != 0) return ErrnoStatus(errno, it->first);
    }
    return absl::OkStatus();
  }

 private:
  // "data/a/b" -> "a/b", "data/" -> ".".
  static absl::StatusOr<std::string> Inside(absl::string_view name) {
    absl::string_view rest = name;
    while (absl::ConsumeSuffix(&rest, "/")) {
    }
    if (rest == kData) return std::string(".");
    bool clean = absl::ConsumePrefix(&rest, absl::StrCat(kData, "/")) && !rest.empty();
    for (absl::string_view part : absl::StrSplit(rest, '/'))
      clean = clean && !part.empty() && part != "." && part != "..";
    if (!clean) return absl::DataLossError(absl::StrCat("a member of the archive is called ", name));
    return std::string(rest);
  }

  absl::StatusOr<UniqueFd> OpenBelow(const std::string& path, uint64_t flags) const {
    open_how how = {};
    how.flags = flags | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    UniqueFd fd(static_cast<int>(syscall(SYS_openat2, root_.get(), path.c_str(), &how, sizeof(how))));
    if (!fd.valid())
      return absl::DataLossError(absl::StrCat("the archive cannot make ", path, ": ", strerror(errno)));
    return fd;
  }
  absl::StatusOr<UniqueFd> OpenParent(const std::string& path) const {
    const std::string directory(Dirname(path));
    return OpenBelow(directory.empty() ? "." : directory, O_PATH | O_DIRECTORY);
  }

  absl::Status Check(int result) const {
    return result == 0 ? absl::OkStatus() : ErrnoStatus(errno, absl::StrCat("cannot create ", path_));
  }

  absl::Status Make() {
    const int parent = parent_.get();
    const char* name = name_.c_str();
    const dev_t device = makedev(header_.device_major, header_.device_minor);
    switch (header_.type) {
      case TarType::kFile:
        file_.reset(openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
        return Check(file_.valid() ? 0 : -1);
      case TarType::kDirectory:
        return Check(mkdirat(parent, name, 0700));
      case TarType::kSymlink:
        return Check(symlinkat(header_.link_name.c_str(), parent, name));
      case TarType::kHardLink: {
        ASSIGN_OR_RETURN(const std::string target, Inside(header_.link_name));
        ASSIGN_OR_RETURN(const UniqueFd from, OpenParent(target));
        return Check(linkat(from.get(), std::string(Basename(target)).c_str(), parent, name, 0));
      }
      case TarType::kFifo:
        return Check(mkfifoat(parent, name, 0600));
      case TarType::kCharDevice:
        return Check(mknodat(parent, name, S_IFCHR | 0600, device));
      case TarType::kBlockDevice:
        return Check(mknodat(parent, name, S_IFBLK | 0600, device));
    }
    return absl::DataLossError("a member of unknown type");
  }

  absl::Status SetMetadata() {
    file_.reset();
    if (header_.type == TarType::kHardLink) return absl::OkStatus();
    const bool is_root = path_ == ".";
    const int parent = is_root ? root_.get() : parent_.get();
    const char* name = is_root ? "." : name_.c_str();
    RETURN_IF_ERROR(Check(fchownat(parent, name, header_.uid, header_.gid, AT_SYMLINK_NOFOLLOW)));
    const std::string place = absl::StrCat("/proc/self/fd/", parent, "/", name);
    if (header_.type != TarType::kSymlink) RETURN_IF_ERROR(Check(fchmodat(parent, name, header_.mode, 0)));
    for (const auto& [key, value] : header_.xattrs) {
      lsetxattr(place.c_str(), key.c_str(), value.data(), value.size(), 0);  // what cannot be: lost
    }
    if (header_.type == TarType::kDirectory) {
      directories_.emplace_back(path_, header_.mtime.seconds);
      return absl::OkStatus();
    }
    const timespec times[2] = {{header_.mtime.seconds, 0}, {header_.mtime.seconds, 0}};
    return Check(utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW));
  }

  Begin begin_;
  UniqueFd root_;  // not valid: cache.json is still to come
  std::string head_;
  TarHeader header_;
  std::string path_, name_;
  UniqueFd parent_, file_;
  std::vector<std::pair<std::string, int64_t>> directories_;  // with their times
};

}  // namespace

absl::Status WriteCacheArchive(const CacheInfo& info, int fd) {
  return Packer(info.directory, fd).Pack(info);
}

absl::Status ReadCacheArchive(int fd, Begin begin) {
  Unpacker unpacker(begin);
  TarReader reader(&unpacker);
  std::string buffer(kChunk, '\0');
  while (!reader.ended()) {
    const ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus(errno, "cannot read the archive");
    if (n == 0) break;
    RETURN_IF_ERROR(reader.Write(absl::string_view(buffer).substr(0, static_cast<size_t>(n))));
  }
  RETURN_IF_ERROR(reader.Finish());
  return unpacker.Finish();
}

absl::StatusOr<CacheInfo> ReadCacheArchiveHead(int fd) {
  CacheInfo info;
  const absl::Status status = ReadCacheArchive(fd, [&](const CacheInfo& read) -> absl::StatusOr<std::string> {
    info = read;
    return absl::CancelledError("that is all");
  });
  if (absl::IsCancelled(status)) return info;
  return status.ok() ? absl::DataLossError("this is no archive of a cache") : status;
}

}  // namespace kasane
