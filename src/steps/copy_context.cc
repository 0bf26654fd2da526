#include "src/steps/copy_context.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "src/base/file.h"
#include "src/base/release_memory.h"
#include "src/base/status.h"
#include "src/steps/common_result.h"
#include "src/steps/copy_small_files.h"
#include "src/tree/delta.h"

namespace kasane {
namespace {

constexpr int kAttempts = 8;
constexpr long kRetryNanoseconds = 20'000'000;
constexpr unsigned kMaxThreads = 8;
constexpr size_t kFilesPerThread = 4;

Timestamp Now() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return {now.tv_sec, static_cast<uint32_t>(now.tv_nsec)};
}

bool SameFacts(const ScanEntry& a, const ScanEntry& b) {
  return a.type == b.type && a.mode == b.mode && a.size == b.size && a.mtime == b.mtime &&
         a.ctime == b.ctime && a.inode == b.inode;
}

// Opens a file below `root` that no symlink leads to, neither at its end nor on the way.
UniqueFd OpenBelow(int root, const std::string& path) {
  open_how how = {};
  how.flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how))));
}

using Xattrs = std::vector<std::pair<std::string, std::string>>;

// What becomes known of a context's inputs.
class Ingester {
 public:
  Ingester(Store* store, ContextToIngest from)
      : store_(store), small_(store), from_(std::move(from)), inputs_(MutableInputs()) {
    contents_.resize(inputs_.size());
    marks_.resize(inputs_.size());
  }

  absl::Status Run() {
    ASSIGN_OR_RETURN(root_, OpenFile(from_.root, O_PATH | O_DIRECTORY));
    if (!from_.state_path.empty()) TakeKnown();
    const size_t cpus = std::min(std::max(std::thread::hardware_concurrency(), 2u), kMaxThreads);
    const size_t count = std::min(cpus, inputs_.size() / kFilesPerThread);
    std::vector<std::thread> threads;
    for (size_t i = 1; i < count; ++i) threads.emplace_back([this] { Work(); });
    Work();
    for (std::thread& thread : threads) thread.join();
    {
      absl::MutexLock lock(&mutex_);
      RETURN_IF_ERROR(status_);
    }
    return small_.Finish();
  }

  size_t count() const { return inputs_.size(); }

  absl::Status WriteState() const {
    if (from_.state_path.empty()) return absl::OkStatus();
    InputStateEncoder encoder(from_.salt, store_->identity(), inputs_.size());
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const Xattrs* xattrs = XattrsOf(i);
      encoder.Add(*inputs_[i], contents_[i], xattrs == nullptr ? Digest() : DigestXattrs(*xattrs),
                  (marks_[i] & kRacy) != 0);
    }
    return WriteFileIfChanged(from_.state_path, std::move(encoder).Finish()).status();
  }

  // The items, out of which the entries are moved if nobody needs them any more (`last`).
  std::vector<CopyItem> MakeItems(bool last) {
    std::vector<CopyItem> items;
    for (SelectedItem& selected : from_.selection.items) {
      CopyItem& item = items.emplace_back();
      item.name = selected.name;
      item.entries.reserve(selected.entries.size());
      for (const SelectedEntry& at : selected.entries) {
        const ScanEntry& scanned = ScanView::EntryOf(at.handle);
        CopyEntry& entry = item.entries.emplace_back();
        entry.parent_only = at.parent_only;
        if (scanned.path.empty()) {  // The root is no input: of it only the mtime may be wanted.
          entry.entry.type = EntryType::kDirectory;
          entry.entry.mode = scanned.mode;
          entry.entry.mtime = scanned.mtime;
        } else {
          const auto input = std::lower_bound(inputs_.begin(), inputs_.end(), &scanned);
          entry.entry = MakeEntry(static_cast<size_t>(input - inputs_.begin()));
          if (scanned.type == EntryType::kFile && scanned.links > 1) entry.link = scanned.inode;
          // An item of its own alone knows the entry.
          if (last && at.relative == 0 && from_.selection.items.size() == 1) {
            entry.relative = std::move((*input)->path);
            continue;
          }
        }
        entry.relative = std::string(at.path.substr(at.relative));
      }
    }
    return items;
  }

 private:
  static constexpr char kKnown = 1;  // the digest was known before, and the fact of then holds
  static constexpr char kRacy = 2;
  static constexpr char kXattrs = 4;

  std::vector<ScanEntry*> MutableInputs() {
    std::vector<ScanEntry*> inputs;
    const std::vector<const ScanEntry*> selected = SelectedInputs(from_.scan, from_.selection);
    inputs.reserve(selected.size());
    for (const ScanEntry* entry : selected) inputs.push_back(from_.scan.MutableEntry(entry));
    return inputs;
  }

  const Xattrs* XattrsOf(size_t index) const {
    if ((marks_[index] & kXattrs) == 0) return nullptr;
    absl::MutexLock lock(&mutex_);
    return &xattrs_.at(index);
  }

  // The entry for the tree of the input of that index.
  Entry MakeEntry(size_t index) const {
    const ScanEntry& from = *inputs_[index];
    Entry entry;
    entry.type = from.type;
    entry.mode = from.type == EntryType::kSymlink ? 0777 : from.mode;
    entry.mtime = from.mtime;
    entry.size = from.size;
    entry.content = contents_[index];
    entry.link_target = std::string(from.target());
    entry.device_major = from.device_major;
    entry.device_minor = from.device_minor;
    if (const Xattrs* xattrs = XattrsOf(index)) entry.xattrs = *xattrs;
    return entry;
  }

  // What is known of the inputs, and still holds. The state is in PathLess order too.
  void TakeKnown() {
    const absl::StatusOr<std::string> bytes = ReadFile(from_.state_path);
    if (!bytes.ok()) return;
    absl::StatusOr<InputStateReader> before = InputStateReader::Open(*bytes);
    if (!before.ok()) return;
    // A store of the same identity has lost nothing since.
    is_stored_ = !before->store().empty() && before->store() == store_->identity();
    const InputFact* fact = before->Next();
    for (size_t i = 0; i < inputs_.size() && fact != nullptr; ++i) {
      const ScanEntry& now = *inputs_[i];
      while (fact != nullptr && PathLess(fact->entry.path, now.path)) fact = before->Next();
      if (fact == nullptr || fact->entry.path != now.path) continue;
      if (FactHolds(*fact, now)) {
        contents_[i] = fact->content;
        marks_[i] = static_cast<char>(kKnown | (fact->xattrs.empty() ? 0 : kXattrs));
      }
      fact = before->Next();
    }
  }

  void Work() {
    for (size_t i; (i = next_.fetch_add(1)) < inputs_.size() && !failed_;) {
      const absl::Status status = Ingest(i);
      if (status.ok()) continue;
      failed_ = true;
      absl::MutexLock lock(&mutex_);
      if (status_.ok()) status_ = status;
    }
  }

  absl::Status Ingest(size_t index) {
    ScanEntry& now = *inputs_[index];
    if (now.absent) {
      return absl::NotFoundError(absl::StrCat("no rule of the build has made ",
                                              JoinPath(from_.root, now.path),
                                              ", which gen was told of (--generated)"));
    }
    char& marks = marks_[index];
    const bool holds = (marks & kKnown) != 0;
    if (holds && (now.type != EntryType::kFile || is_stored_ || store_->HasBlob(contents_[index]))) {
      if ((marks & kXattrs) == 0) return absl::OkStatus();
    } else if (now.type == EntryType::kFile) {
      RETURN_IF_ERROR(Read(index));
    } else {
      marks = IsRacy(now.ctime, Now()) ? kRacy : 0;
    }
    if (now.type == EntryType::kSymlink) return absl::OkStatus();
    ASSIGN_OR_RETURN(Xattrs xattrs, ReadXattrs(JoinPath(from_.root, now.path)));
    if (xattrs.empty()) {
      marks = static_cast<char>(marks & ~kXattrs);
      return absl::OkStatus();
    }
    marks = static_cast<char>(marks | kXattrs);
    absl::MutexLock lock(&mutex_);
    xattrs_[index] = std::move(xattrs);
    return absl::OkStatus();
  }

  // Stores the file as it is now, and notes what that is.
  absl::Status Read(size_t index) {
    ScanEntry& entry = *inputs_[index];
    const std::string what = absl::StrCat("cannot read ", JoinPath(from_.root, entry.path));
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (attempt > 0) {
        const timespec pause = {0, kRetryNanoseconds};
        nanosleep(&pause, nullptr);
      }
      const Timestamp start = Now();
      const UniqueFd fd = OpenBelow(root_.get(), entry.path);
      if (!fd.valid()) return ErrnoStatus(errno, what);
      struct stat st;
      if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, what);
      ScanEntry opened, stored;
      FillScanEntry(st, &opened);
      if (opened.type != EntryType::kFile) {
        return absl::UnavailableError(absl::StrCat(what, ": it stopped being a regular file"));
      }
      ASSIGN_OR_RETURN(contents_[index], st.st_size <= static_cast<off_t>(kSmallFile)
                                             ? ReadSmall(fd.get(), what)
                                             : store_->CopyIn(fd.get(), nullptr));
      if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, what);
      FillScanEntry(st, &stored);
      if (!SameFacts(opened, stored)) continue;
      FillScanEntry(st, &entry);
      marks_[index] = IsRacy(stored.ctime, start) ? kRacy : 0;
      return absl::OkStatus();
    }
    return absl::UnavailableError(absl::StrCat(what, ": it keeps changing while it is read"));
  }

  absl::StatusOr<Digest> ReadSmall(int fd, const std::string& what) {
    ASSIGN_OR_RETURN(std::string content, ReadAllFrom(fd, what));
    const Digest digest = Sha256Of(content);
    if (!store_->HasBlob(digest)) RETURN_IF_ERROR(small_.Put(digest, std::move(content)));
    return digest;
  }

  Store* const store_;
  SmallFiles small_;
  ContextToIngest from_;
  std::vector<ScanEntry*> inputs_;  // in the scan, so in PathLess order
  std::vector<Digest> contents_;    // of each
  std::vector<char> marks_;
  bool is_stored_ = false;  // the contents of all that is known
  UniqueFd root_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> failed_{false};
  mutable absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::map<size_t, Xattrs> xattrs_ ABSL_GUARDED_BY(mutex_);  // of those that have any
};

}  // namespace

absl::StatusOr<IngestedContext> IngestContext(Store* store, ContextToIngest from) {
  const size_t limit = from.many;
  auto ingester = std::make_shared<Ingester>(store, std::move(from));
  const size_t count = ingester->count();
  ReleaseMemoryAfter(count);
  RETURN_IF_ERROR(ingester->Run());
  IngestedContext out;
  const bool many = count >= limit;
  if (many) {
    std::promise<absl::Status> written;
    written.set_value(ingester->WriteState());
    out.state_written = written.get_future();
  } else {
    out.state_written = std::async(Concurrently(count), [ingester] { return ingester->WriteState(); });
  }
  out.items = ingester->MakeItems(/*last=*/many);
  ingester.reset();
  ReleaseMemoryAfter(count);
  return out;
}

}  // namespace kasane
