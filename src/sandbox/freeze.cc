#include "src/sandbox/freeze.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <deque>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/sandbox/lowerfs_nodes.h"

namespace kasane {
namespace {

constexpr size_t kWorthThreads = 8;  // files that wait to be read

// What overlayfs notes about a file, read from the xattrs that it keeps to itself.
struct OverlayMarks {
  bool opaque = false;
  bool whiteout = false;
};

bool IsMark(absl::string_view name) {
  return absl::StartsWith(name, "trusted.overlay.") || absl::StartsWith(name, "user.overlay.");
}

// A security module of this machine labels every file; that is none of the image's business.
bool IsOfThisMachine(absl::string_view name) {
  return absl::StartsWith(name, "security.") && name != "security.capability";
}

absl::StatusOr<std::string> ReadXattr(const std::string& path, const std::string& name) {
  std::string value(256, '\0');
  while (true) {
    ssize_t size = lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (size >= 0) {
      value.resize(static_cast<size_t>(size));
      return value;
    }
    if (errno != ERANGE || value.size() >= 65536)
      return ErrnoStatus(errno, absl::StrCat("cannot read xattr of ", path));
    value.resize(65536);
  }
}

absl::Status ReadXattrs(const std::string& path, Entry* entry, OverlayMarks* marks) {
  std::string list(256, '\0');
  ssize_t size;
  while ((size = llistxattr(path.c_str(), list.data(), list.size())) < 0 && errno == ERANGE &&
         list.size() < 65536) {
    list.resize(65536);
  }
  if (size < 0 && errno == ENOTSUP) return absl::OkStatus();
  if (size < 0) return ErrnoStatus(errno, absl::StrCat("cannot list xattrs of ", path));
  list.resize(static_cast<size_t>(size));
  for (absl::string_view name : absl::StrSplit(list, '\0', absl::SkipEmpty())) {
    if (IsOfThisMachine(name)) continue;
    bool opaque = absl::EndsWith(name, ".overlay.opaque");
    if (IsMark(name) && !opaque) {
      if (absl::EndsWith(name, ".overlay.whiteout")) marks->whiteout = true;
      continue;
    }
    ASSIGN_OR_RETURN(std::string value, ReadXattr(path, std::string(name)));
    if (IsMark(name)) {
      // "x" says that xattr whiteouts may be in it, no more.
      marks->opaque = value.size() == 1 && value[0] == 'y';
    } else {
      entry->xattrs.emplace_back(std::string(name), std::move(value));
    }
  }
  std::sort(entry->xattrs.begin(), entry->xattrs.end());
  return absl::OkStatus();
}

absl::Status ReadLink(const std::string& path, Entry* entry) {
  char target[4097];
  ssize_t size = readlink(path.c_str(), target, sizeof(target));
  if (size < 0) return ErrnoStatus(errno, absl::StrCat("cannot read link ", path));
  entry->link_target = std::string(target, static_cast<size_t>(size));
  return absl::OkStatus();
}

Entry FromStat(const struct stat& st) {
  Entry entry;
  switch (st.st_mode & S_IFMT) {
    case S_IFDIR:
      entry.type = EntryType::kDirectory;
      break;
    case S_IFLNK:
      entry.type = EntryType::kSymlink;
      break;
    case S_IFIFO:
      entry.type = EntryType::kFifo;
      break;
    case S_IFCHR:
      entry.type = EntryType::kCharDevice;
      break;
    case S_IFBLK:
      entry.type = EntryType::kBlockDevice;
      break;
    case S_IFSOCK:
      entry.type = EntryType::kSocket;
      break;
    default:
      entry.type = EntryType::kFile;
      entry.size = static_cast<uint64_t>(st.st_size);
  }
  entry.mode = st.st_mode & 07777;
  entry.uid = st.st_uid;
  entry.gid = st.st_gid;
  entry.mtime = {st.st_mtim.tv_sec, static_cast<uint32_t>(st.st_mtim.tv_nsec)};
  if (entry.type == EntryType::kCharDevice || entry.type == EntryType::kBlockDevice) {
    entry.device_major = major(st.st_rdev);
    entry.device_minor = minor(st.st_rdev);
  }
  return entry;
}

absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) {
  DIR* dir = opendir(path.c_str());
  if (dir == nullptr) return ErrnoStatus(errno, absl::StrCat("cannot list ", path));
  std::vector<std::string> names;
  while (dirent* entry = readdir(dir)) {
    absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

// In all but the number of names: overlayfs breaks hard links when it copies up.
bool SameAsBelow(const Entry& entry, const Node* base) {
  if (base == nullptr) return false;
  Entry below = base->entry;
  below.link_group = 0;
  return below == entry;
}

class Freezer {
 public:
  Freezer(Store* store, std::string upper, const FreezeOptions& options)
      : store_(store), upper_(std::move(upper)), options_(options) {}

  // What it changes in `below`, with the contents of its files, which are read while the rest is looked at.
  absl::Status Read(const Tree& below);
  absl::StatusOr<Delta> Finish();

 private:
  struct Found {
    DeltaEntry delta;
    const Node* base = nullptr;  // files only: what it is to be compared with
    bool dropped = false;        // no change
    bool for_others = false;     // a directory that is no change, but holds some, or may
  };
  // The content of a file, and the names (indices of found_) that share it.
  struct Content {
    std::string path;
    std::vector<size_t> names;
    Digest digest;
    int64_t size = 0;
  };

  // All that is in the directory `path` of upper ("" the root). `base`: what is there below, null if nothing.
  // `opaque`: nothing of it shines through.
  absl::Status Walk(const std::string& path, const Node* base, bool opaque);
  absl::Status Visit(const std::string& path, const Node* base, bool opaque);
  absl::Status VisitDirectory(const std::string& path, Entry entry, const Node* base, bool opaque);
  void Offer(Content* content) ABSL_LOCKS_EXCLUDED(mutex_);
  // Moves what is offered into the store, until there will be no more.
  absl::Status MoveContents() ABSL_LOCKS_EXCLUDED(mutex_);
  void NoteContent(const Content& content);
  void DropEmptyDirectories();
  void AssignLinkGroups();
  void Whiteout(const std::string& path) {
    Found found;
    found.delta.path = path;
    found.delta.whiteout = true;
    found_.push_back(std::move(found));
  }
  bool IsStubFile(const std::string& path) const {
    for (const std::vector<std::string>* stubs : {&options_.stub_files, &options_.left_behind}) {
      if (std::find(stubs->begin(), stubs->end(), path) != stubs->end()) return true;
    }
    return false;
  }
  bool IsStub(const std::string& path) const {
    const auto& stubs = options_.stub_directories;
    return std::find(stubs.begin(), stubs.end(), path) != stubs.end();
  }

  Store* const store_;
  const std::string upper_;
  const FreezeOptions& options_;
  std::vector<Found> found_;
  std::deque<Content> contents_;                         // they stay where they are
  absl::flat_hash_map<uint64_t, Content*> by_inode_;     // files with several names
  std::map<uint64_t, std::vector<size_t>> other_links_;  // the same for what is no file: indices of found_

  std::vector<std::thread> threads_;  // for files, beside the one that walks
  std::vector<absl::Status> statuses_;
  absl::Mutex mutex_;
  std::vector<Content*> offered_ ABSL_GUARDED_BY(mutex_);
  bool all_offered_ ABSL_GUARDED_BY(mutex_) = false;
};

absl::Status Freezer::Walk(const std::string& path, const Node* base, bool opaque) {
  ASSIGN_OR_RETURN(std::vector<std::string> names, ListDirectory(JoinPath(upper_, path)));
  auto below = [&](const std::string& name) { return path.empty() ? name : absl::StrCat(path, "/", name); };
  if (base != nullptr && opaque) {
    for (const Node& node : base->children()) {
      if (!std::binary_search(names.begin(), names.end(), node.name)) Whiteout(below(node.name));
    }
  }
  for (const std::string& name : names) {
    RETURN_IF_ERROR(Visit(below(name), base == nullptr ? nullptr : base->Child(name), opaque));
  }
  return absl::OkStatus();
}

absl::Status Freezer::Visit(const std::string& path, const Node* base, bool opaque) {
  std::string full = JoinPath(upper_, path);
  struct stat st;
  if (lstat(full.c_str(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot stat ", full));
  if (options_.whole && base == nullptr && IsStubFile(path)) return absl::OkStatus();
  Entry entry = FromStat(st);
  OverlayMarks marks;
  bool whiteout = entry.type == EntryType::kCharDevice && st.st_rdev == 0;
  if (!whiteout) RETURN_IF_ERROR(ReadXattrs(full, &entry, &marks));
  if (whiteout || (marks.whiteout && entry.is_file() && entry.size == 0)) {
    if (base != nullptr) Whiteout(path);
    return absl::OkStatus();
  }
  if (entry.is_directory()) return VisitDirectory(path, std::move(entry), base, opaque || marks.opaque);
  if (entry.is_symlink()) RETURN_IF_ERROR(ReadLink(full, &entry));
  if (options_.whole && entry.is_file() && base != nullptr && entry.size == base->entry.size) {
    // Most of a whole file system: not to be kept a second time.
    ASSIGN_OR_RETURN(entry.content, Sha256OfFile(full));
    if (SameAsBelow(entry, base)) return absl::OkStatus();
  }
  Found found;
  found.delta.path = path;
  found.delta.entry = std::move(entry);
  found.base = base;
  size_t index = found_.size();
  if (found.delta.entry.is_file()) {
    Content** shared = st.st_nlink > 1 ? &by_inode_[st.st_ino] : nullptr;
    if (shared != nullptr && *shared != nullptr) {
      (*shared)->names.push_back(index);
    } else {
      Content* content = &contents_.emplace_back();
      content->path = full;
      content->names.push_back(index);
      // The store takes owner and mode from a file, so that one waits until its other names have been seen.
      if (shared != nullptr) {
        *shared = content;
      } else {
        Offer(content);
      }
    }
  } else {
    found.dropped = SameAsBelow(found.delta.entry, base);
    if (st.st_nlink > 1) other_links_[st.st_ino].push_back(index);
  }
  found_.push_back(std::move(found));
  return absl::OkStatus();
}

absl::Status Freezer::VisitDirectory(const std::string& path, Entry entry, const Node* base, bool opaque) {
  // A directory in the place of a file hides nothing: the file goes with its name.
  if (base != nullptr && !base->entry.is_directory()) base = nullptr;
  Found found;
  found.delta.path = path;
  bool copied_up = entry.mtime == Timestamp{kDirectoryTime, 0};
  if (base != nullptr) {
    found.for_others = EqualButTime(entry, base->entry);
    found.delta.implied = found.for_others && copied_up;
    if (copied_up) entry.mtime = base->entry.mtime;
  } else {
    found.for_others = IsStub(path);
  }
  found.delta.entry = std::move(entry);
  found_.push_back(std::move(found));
  return Walk(path, base, opaque);
}

void Freezer::Offer(Content* content) {
  absl::MutexLock lock(&mutex_);
  offered_.push_back(content);
  if (offered_.size() < kWorthThreads || !threads_.empty()) return;
  statuses_.resize(std::max(1u, std::thread::hardware_concurrency()));
  for (absl::Status& status : statuses_) threads_.emplace_back([this, &status] { status = MoveContents(); });
}

absl::Status Freezer::MoveContents() {
  const auto ready = [this]()
                         ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return all_offered_ || !offered_.empty(); };
  while (true) {
    Content* content;
    {
      absl::MutexLock lock(&mutex_, absl::Condition(&ready));
      if (offered_.empty()) return absl::OkStatus();
      content = offered_.back();
      offered_.pop_back();
    }
    ASSIGN_OR_RETURN(content->digest, store_->MoveIn(content->path, &content->size));
  }
}

void Freezer::NoteContent(const Content& content) {
  for (size_t index : content.names) {
    Found& found = found_[index];
    found.delta.entry.content = content.digest;
    found.delta.entry.size = static_cast<uint64_t>(content.size);
    found.dropped = SameAsBelow(found.delta.entry, found.base);
  }
}

absl::Status Freezer::Read(const Tree& below) {
  const absl::Status walked = Walk("", &below.root(), /*opaque=*/options_.whole);
  for (const auto& [inode, content] : by_inode_) Offer(content);
  {
    absl::MutexLock lock(&mutex_);
    all_offered_ = true;
  }
  const absl::Status moved = MoveContents();
  for (std::thread& thread : threads_) thread.join();
  RETURN_IF_ERROR(walked);
  RETURN_IF_ERROR(moved);
  for (const absl::Status& status : statuses_) RETURN_IF_ERROR(status);
  for (const Content& content : contents_) NoteContent(content);
  return absl::OkStatus();
}

void Freezer::DropEmptyDirectories() {
  absl::flat_hash_set<std::string> holding;   // directories with something in the delta
  for (size_t i = found_.size(); i-- > 0;) {  // what a directory holds comes after it
    Found& found = found_[i];
    if (found.for_others && !holding.contains(found.delta.path)) found.dropped = true;
    if (!found.dropped) holding.insert(std::string(Dirname(found.delta.path)));
  }
}

void Freezer::AssignLinkGroups() {
  std::vector<std::vector<size_t>> groups;
  for (const Content& content : contents_) groups.push_back(content.names);
  for (const auto& [inode, names] : other_links_) groups.push_back(names);
  for (const std::vector<size_t>& names : groups) {
    std::vector<std::string> paths;
    for (size_t index : names) {
      if (!found_[index].dropped) paths.push_back(found_[index].delta.path);
    }
    if (paths.size() < 2) continue;
    std::sort(paths.begin(), paths.end());
    uint64_t group = LinkGroupId(paths);
    for (size_t index : names) found_[index].delta.entry.link_group = group;
  }
}

absl::StatusOr<Delta> Freezer::Finish() {
  DropEmptyDirectories();
  AssignLinkGroups();
  std::vector<DeltaEntry> entries;
  for (Found& found : found_) {
    if (!found.dropped) entries.push_back(std::move(found.delta));
  }
  for (const std::string& path : options_.left_behind) {
    DeltaEntry delta;
    delta.path = path;
    delta.entry.type = EntryType::kDirectory;
    delta.entry.mode = 0755;
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    delta.entry.mtime = {now.tv_sec, static_cast<uint32_t>(now.tv_nsec)};
    entries.push_back(std::move(delta));
  }
  if (options_.epoch.has_value()) {
    for (DeltaEntry& delta : entries) {
      if (!delta.whiteout && !delta.implied) delta.entry.mtime = {*options_.epoch, 0};
    }
  }
  return Delta::FromEntries(std::move(entries));
}

}  // namespace

absl::StatusOr<Delta> FreezeUpper(Store* store, const std::string& upper, const Tree& below,
                                  const FreezeOptions& options) {
  Freezer freezer(store, upper, options);
  RETURN_IF_ERROR(freezer.Read(below));
  RETURN_IF_ERROR(below.status());
  return freezer.Finish();
}

}  // namespace kasane
