#include "src/context/scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "src/base/file.h"
#include "src/base/release_memory.h"
#include "src/base/status.h"
#include "src/tree/delta.h"

namespace kasane {
namespace {

constexpr size_t kListingBuffer = 64 << 10;
// Directories waiting to be read before another thread is worth its start.
constexpr size_t kQueuePerThread = 16;
constexpr unsigned kMaxThreads = 4;

// A directory while the scan runs.
struct Folder {
  struct Item {
    ScanEntry entry;
    bool ignored = false;
    std::unique_ptr<Folder> folder;  // directories that have to be read
  };
  std::string path;
  IgnoreMatcher::State state;
  std::vector<Item> items;
  ScanEntry* self = nullptr;
};

EntryType TypeOf(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return EntryType::kDirectory;
    case S_IFLNK:
      return EntryType::kSymlink;
    case S_IFIFO:
      return EntryType::kFifo;
    case S_IFCHR:
      return EntryType::kCharDevice;
    case S_IFBLK:
      return EntryType::kBlockDevice;
    case S_IFSOCK:
      return EntryType::kSocket;
    default:
      return EntryType::kFile;
  }
}

bool IsDots(const char* name) { return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0)); }

}  // namespace

void FillScanEntry(const struct stat& st, ScanEntry* entry) {
  entry->type = TypeOf(st.st_mode);
  entry->mode = st.st_mode & 07777;
  entry->size = entry->type == EntryType::kFile ? static_cast<uint64_t>(st.st_size) : 0;
  entry->mtime = {st.st_mtim.tv_sec, static_cast<uint32_t>(st.st_mtim.tv_nsec)};
  entry->ctime = {st.st_ctim.tv_sec, static_cast<uint32_t>(st.st_ctim.tv_nsec)};
  entry->inode = st.st_ino;
  entry->links = static_cast<uint32_t>(st.st_nlink);
  if (entry->type == EntryType::kCharDevice || entry->type == EntryType::kBlockDevice) {
    entry->device_major = major(st.st_rdev);
    entry->device_minor = minor(st.st_rdev);
  }
}

class Scanner {
 public:
  Scanner(const std::string& root, const IgnoreMatcher& ignore, const std::vector<std::string>& exclude)
      : root_path_(root), ignore_(ignore), exclude_(exclude.begin(), exclude.end()) {}

  absl::StatusOr<ContextScan> Run() {
    ASSIGN_OR_RETURN(root_, OpenFile(root_path_, O_RDONLY | O_DIRECTORY));
    struct stat st;
    if (fstat(root_.get(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", root_path_));
    ContextScan scan;
    scan.entries_.emplace_back();
    FillScanEntry(st, &scan.entries_[0]);

    Folder top;
    ScanEntry self;
    top.self = &self;
    Push(&top);
    Work(/*may_spawn=*/true);
    for (std::thread& thread : threads_) thread.join();
    size_t found = 0;
    {
      absl::MutexLock lock(&mutex_);
      RETURN_IF_ERROR(status_);
      found = found_;
    }
    if (self.unreadable != 0) return ErrnoStatus(self.unreadable, absl::StrCat("cannot read ", root_path_));

    scan.entries_.reserve(found + 1);
    Collect(&top, &scan);
    ReleaseMemoryAfter(scan.entries_.size());
    scan.entries_[0].end = static_cast<uint32_t>(scan.entries_.size());
    return scan;
  }

 private:
  void Push(Folder* folder) {
    absl::MutexLock lock(&mutex_);
    queue_.push_back(folder);
    ++pending_;
  }

  bool HasWorkOrIsDone() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !queue_.empty() || pending_ == 0;
  }

  void Work(bool may_spawn) {
    const unsigned cpus = std::thread::hardware_concurrency();
    const size_t helpers = std::min(std::max(cpus, 2u), kMaxThreads) - 1;
    std::vector<char> buffer(kListingBuffer);
    while (true) {
      Folder* folder;
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(this, &Scanner::HasWorkOrIsDone));
        if (queue_.empty()) return;
        folder = queue_.back();
        queue_.pop_back();
        if (may_spawn && threads_.size() < helpers &&
            queue_.size() >= kQueuePerThread * (threads_.size() + 1)) {
          threads_.emplace_back([this] { Work(/*may_spawn=*/false); });
        }
      }
      const absl::Status status = Read(folder, &buffer);
      absl::MutexLock lock(&mutex_);
      --pending_;
      found_ += folder->items.size();
      if (!status.ok()) {
        if (status_.ok()) status_ = status;
        continue;
      }
      for (Folder::Item& item : folder->items) {
        if (item.folder == nullptr) continue;
        queue_.push_back(item.folder.get());
        ++pending_;
      }
    }
  }

  // Lists one directory and looks at all that is in it.
  absl::Status Read(Folder* folder, std::vector<char>* buffer) {
    UniqueFd fd(openat(root_.get(), folder->path.empty() ? "." : folder->path.c_str(),
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid()) {
      if (errno != ENOENT && errno != ENOTDIR) folder->self->unreadable = errno;
      return absl::OkStatus();
    }
    std::vector<std::string> names;
    while (true) {
      const ssize_t size = getdents64(fd.get(), buffer->data(), buffer->size());
      if (size < 0)
        return ErrnoStatus(errno, absl::StrCat("cannot read ", JoinPath(root_path_, folder->path)));
      if (size == 0) break;
      for (ssize_t at = 0; at < size;) {
        const auto* dirent = reinterpret_cast<const struct dirent64*>(buffer->data() + at);
        at += dirent->d_reclen;
        if (!IsDots(dirent->d_name)) names.emplace_back(dirent->d_name);
      }
    }
    // Sorted before, not after: entries are large.
    std::sort(names.begin(), names.end());
    folder->items.reserve(names.size());
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(const bool counts,
                       Look(fd.get(), name.c_str(), *folder, &folder->items.emplace_back()));
      if (!counts) folder->items.pop_back();
    }
    for (Folder::Item& item : folder->items) {
      if (item.folder != nullptr) item.folder->self = &item.entry;
    }
    return absl::OkStatus();
  }

  // False: it does not count.
  absl::StatusOr<bool> Look(int directory, const char* name, const Folder& folder, Folder::Item* item) {
    ScanEntry& entry = item->entry;
    entry.path = folder.path.empty() ? std::string(name) : absl::StrCat(folder.path, "/", name);
    if (!exclude_.empty() && exclude_.count(entry.path) > 0) return false;
    IgnoreMatcher::State state;
    item->ignored = !ignore_.empty() && ignore_.Match(entry.path, folder.state, &state);
    if (item->ignored && ignore_.CanPrune(entry.path)) return false;

    struct stat st;
    if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return false;
      return ErrnoStatus(errno, absl::StrCat("cannot read ", JoinPath(root_path_, entry.path)));
    }
    FillScanEntry(st, &entry);
    if (entry.type == EntryType::kDirectory) {
      item->folder = std::make_unique<Folder>();
      item->folder->path = entry.path;
      item->folder->state = std::move(state);
    } else if (item->ignored) {
      return false;
    } else if (entry.type == EntryType::kSymlink) {
      std::string target(static_cast<size_t>(st.st_size) + 1, '\0');
      ssize_t size;
      while ((size = readlinkat(directory, name, target.data(), target.size())) ==
             static_cast<ssize_t>(target.size())) {
        target.resize(target.size() * 2);  // It grew, or the file system gives no size.
      }
      if (size < 0) {
        if (errno == ENOENT || errno == EINVAL) return false;
        return ErrnoStatus(errno, absl::StrCat("cannot read ", JoinPath(root_path_, entry.path)));
      }
      entry.set_target(absl::string_view(target).substr(0, static_cast<size_t>(size)));
    } else if (entry.type == EntryType::kFile && (entry.mode & 0444) != 0444) {
      if (faccessat(directory, name, R_OK, AT_EACCESS) != 0) entry.unreadable = errno;
    }
    return true;
  }

  // Appends what is below `folder`, in order.
  void Collect(Folder* folder, ContextScan* scan) {
    scan->directories_.push_back(folder->path);
    for (Folder::Item& item : folder->items) {
      const size_t index = scan->entries_.size();
      scan->entries_.push_back(std::move(item.entry));
      if (item.folder != nullptr) {
        Collect(item.folder.get(), scan);
        item.folder.reset();
      }
      if (item.ignored && scan->entries_.size() == index + 1) {
        scan->entries_.pop_back();  // Only what is below it could have kept it.
      } else {
        scan->entries_[index].end = static_cast<uint32_t>(scan->entries_.size());
      }
    }
  }

  const std::string root_path_;
  const IgnoreMatcher& ignore_;
  const std::set<std::string, std::less<>> exclude_;
  UniqueFd root_;
  std::vector<std::thread> threads_;  // started and joined by the first thread

  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::vector<Folder*> queue_ ABSL_GUARDED_BY(mutex_);
  size_t pending_ ABSL_GUARDED_BY(mutex_) = 0;  // folders in the queue or being read
  size_t found_ ABSL_GUARDED_BY(mutex_) = 0;    // entries in those that have been read
};

const ScanEntry* ContextScan::Find(absl::string_view path) const {
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), path,
                       [](const ScanEntry& e, absl::string_view p) { return PathLess(e.path, p); });
  return at != entries_.end() && at->path == path ? &*at : nullptr;
}

void ContextScan::Add(std::vector<ScanEntry> more) {
  if (more.empty()) return;
  // Those of before come first among equals.
  for (ScanEntry& entry : more) entries_.push_back(std::move(entry));
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const ScanEntry& a, const ScanEntry& b) { return PathLess(a.path, b.path); });
  entries_.erase(std::unique(entries_.begin(), entries_.end(),
                             [](const ScanEntry& a, const ScanEntry& b) { return a.path == b.path; }),
                 entries_.end());
  std::vector<size_t> open;  // the directories around an entry
  for (size_t i = 0; i < entries_.size(); ++i) {
    const std::string& path = entries_[i].path;
    const auto is_around = [&](const std::string& directory) {
      return directory.empty() || (path.size() > directory.size() && path[directory.size()] == '/' &&
                                   absl::StartsWith(path, directory));
    };
    while (!open.empty() && !is_around(entries_[open.back()].path)) open.pop_back();
    for (const size_t directory : open) entries_[directory].end = static_cast<uint32_t>(i + 1);
    entries_[i].end = static_cast<uint32_t>(i + 1);
    open.push_back(i);
  }
}

absl::StatusOr<ContextScan> ScanContext(const std::string& root, const IgnoreMatcher& ignore,
                                        const std::vector<std::string>& exclude) {
  return Scanner(root, ignore, exclude).Run();
}

}  // namespace kasane
