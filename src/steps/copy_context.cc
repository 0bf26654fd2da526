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
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "src/base/file.h"
#include "src/base/status.h"
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

class Ingester {
 public:
  Ingester(Store* store, const std::string& root, InputState before, IngestedContext* out)
      : store_(store), small_(store), root_path_(root), before_(std::move(before)), facts_(out->facts) {}

  absl::Status Run(const std::vector<const ScanEntry*>& inputs) {
    ASSIGN_OR_RETURN(root_, OpenFile(root_path_, O_PATH | O_DIRECTORY));
    xattrs_.resize(inputs.size());
    inputs_ = &inputs;
    TakeKnown();
    const size_t cpus = std::min(std::max(std::thread::hardware_concurrency(), 2u), kMaxThreads);
    const size_t count = std::min(cpus, inputs.size() / kFilesPerThread);
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

  // The entry for the tree of the input of that index.
  Entry MakeEntry(size_t index) const {
    const ScanEntry& from = facts_[index].entry;
    Entry entry;
    entry.type = from.type;
    entry.mode = from.type == EntryType::kSymlink ? 0777 : from.mode;
    entry.mtime = from.mtime;
    entry.size = from.size;
    entry.content = facts_[index].content;
    entry.link_target = from.link_target;
    entry.device_major = from.device_major;
    entry.device_minor = from.device_minor;
    entry.xattrs = xattrs_[index];
    return entry;
  }

 private:
  // What is known of each input becomes its fact. Both lists are in PathLess order; mostly of the same paths.
  void TakeKnown() {
    const auto same_path = [](const InputFact& fact, const ScanEntry* input) {
      return fact.entry.path == input->path;
    };
    known_.resize(inputs_->size());
    if (std::equal(before_.facts.begin(), before_.facts.end(), inputs_->begin(), inputs_->end(), same_path)) {
      facts_ = std::move(before_.facts);
      std::fill(known_.begin(), known_.end(), true);
      return;
    }
    facts_.resize(inputs_->size());
    auto at = before_.facts.begin();
    for (size_t i = 0; i < facts_.size(); ++i) {
      const std::string& path = (*inputs_)[i]->path;
      while (at != before_.facts.end() && PathLess(at->entry.path, path)) ++at;
      if (at == before_.facts.end() || at->entry.path != path) continue;
      facts_[i] = std::move(*at++);
      known_[i] = true;
    }
  }

  // A store of the same identity has lost nothing since.
  bool IsStored(const Digest& content) const {
    return (!before_.store.empty() && before_.store == store_->identity()) || store_->HasBlob(content);
  }

  void Work() {
    for (size_t i; (i = next_.fetch_add(1)) < inputs_->size() && !failed_;) {
      const absl::Status status = Ingest(i);
      if (status.ok()) continue;
      failed_ = true;
      absl::MutexLock lock(&mutex_);
      if (status_.ok()) status_ = status;
    }
  }

  absl::Status Ingest(size_t index) {
    const ScanEntry& now = *(*inputs_)[index];
    if (now.absent) {
      return absl::NotFoundError(absl::StrCat("no rule of the build has made ",
                                              JoinPath(root_path_, now.path),
                                              ", which gen was told of (--generated)"));
    }
    InputFact& fact = facts_[index];
    const bool holds = known_[index] != 0 && FactHolds(fact, now);
    if (holds && (now.type != EntryType::kFile || IsStored(fact.content))) {
      fact.entry = now;
      if (fact.xattrs.empty()) return absl::OkStatus();
    } else {
      fact = InputFact();
      fact.entry = now;
      if (now.type == EntryType::kFile) {
        RETURN_IF_ERROR(Read(&fact));
      } else {
        fact.racy = IsRacy(now.ctime, Now());
      }
    }
    if (now.type == EntryType::kSymlink) return absl::OkStatus();
    ASSIGN_OR_RETURN(xattrs_[index], ReadXattrs(JoinPath(root_path_, now.path)));
    fact.xattrs = DigestXattrs(xattrs_[index]);
    return absl::OkStatus();
  }

  // Stores the file as it is now, and says what that is.
  absl::Status Read(InputFact* fact) {
    const std::string& path = fact->entry.path;
    const std::string what = absl::StrCat("cannot read ", JoinPath(root_path_, path));
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (attempt > 0) {
        const timespec pause = {0, kRetryNanoseconds};
        nanosleep(&pause, nullptr);
      }
      const Timestamp start = Now();
      const UniqueFd fd = OpenBelow(root_.get(), path);
      if (!fd.valid()) return ErrnoStatus(errno, what);
      struct stat st;
      if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, what);
      ScanEntry opened = fact->entry, stored = fact->entry;
      FillScanEntry(st, &opened);
      if (opened.type != EntryType::kFile) {
        return absl::UnavailableError(absl::StrCat(what, ": it stopped being a regular file"));
      }
      ASSIGN_OR_RETURN(fact->content, st.st_size <= static_cast<off_t>(kSmallFile)
                                          ? ReadSmall(fd.get(), what)
                                          : store_->CopyIn(fd.get(), nullptr));
      if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, what);
      FillScanEntry(st, &stored);
      if (!SameFacts(opened, stored)) continue;
      fact->entry = stored;
      fact->racy = IsRacy(stored.ctime, start);
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
  const std::string root_path_;
  InputState before_;
  std::vector<InputFact>& facts_;
  std::vector<std::vector<std::pair<std::string, std::string>>> xattrs_;
  const std::vector<const ScanEntry*>* inputs_ = nullptr;
  std::vector<char> known_;  // whether the fact of an input is what was known of it before
  UniqueFd root_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> failed_{false};
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<IngestedContext> IngestContext(Store* store, const std::string& root, const ContextScan& scan,
                                              const Selection& selection, InputState before) {
  IngestedContext out;
  const std::vector<const ScanEntry*> inputs = SelectedInputs(scan, selection);
  Ingester ingester(store, root, std::move(before), &out);
  RETURN_IF_ERROR(ingester.Run(inputs));
  for (const SelectedItem& selected : selection.items) {
    CopyItem item;
    item.name = selected.name;
    item.entries.reserve(selected.entries.size());
    for (const SelectedEntry& from : selected.entries) {
      const ScanEntry& scanned = ScanView::EntryOf(from.handle);
      CopyEntry& entry = item.entries.emplace_back();
      entry.relative = from.path.substr(from.relative);
      entry.parent_only = from.parent_only;
      if (scanned.path.empty()) {  // The root is no input: of it only the mtime may be wanted.
        entry.entry.type = EntryType::kDirectory;
        entry.entry.mode = scanned.mode;
        entry.entry.mtime = scanned.mtime;
      } else {
        const auto at = std::lower_bound(inputs.begin(), inputs.end(), &scanned);
        entry.entry = ingester.MakeEntry(static_cast<size_t>(at - inputs.begin()));
        if (scanned.type == EntryType::kFile && scanned.links > 1) entry.link = scanned.inode;
      }
    }
    out.items.push_back(std::move(item));
  }
  return out;
}

}  // namespace kasane
