// Turns what a RUN asks of one tree into observations. The rules are those of soundness.md; the numbers of
// its rules stand beside the code that keeps them.
#ifndef KASANE_SRC_TRACE_RECORDER_H_
#define KASANE_SRC_TRACE_RECORDER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "src/sandbox/frequent_files.h"
#include "src/sandbox/observer.h"
#include "src/trace/path_set.h"
#include "src/trace/process_table.h"
#include "src/trace/trace.h"
#include "src/trace/warm_watch.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

class Recorder : public Observer {
 public:
  struct Options {
    ProcessTable* processes = nullptr;  // must outlive this
    // The part of the tree that changes as a whole, if at all: a base image. What is as it is there is
    // recorded at the strictest level whoever asks, so that the kernel may keep the answers.
    absl::optional<Tree> base;
    // False: every listing counts whole, whatever a profile says. For trees whose upper directory
    // ProcessTable does not know.
    bool narrows = true;
    // The directories that lead to these are listed once for all: whoever does, does it whole (A9). May be
    // null; must outlive this.
    const FrequentFiles* frequent = nullptr;
    // Places in which nothing is recorded, because a warm tool's caches lie there; may be null.
    WarmWatch* warm = nullptr;
    bool times_by_content = false;  // of what is not in the base, for warm tools
  };
  explicit Recorder(Options options) : options_(std::move(options)) {}

  bool OnLookup(uint32_t pid, const SeenNode& directory, absl::string_view name,
                const SeenNode* found) override;
  bool OnGetattr(uint32_t pid, const SeenNode& node) override;
  bool OnSize(uint32_t pid, const SeenNode& node) override;
  Timestamp ShownTime(uint32_t pid, const SeenNode& node) override;
  bool KeepsName(const SeenNode& node) override;
  void OnReadlink(uint32_t pid, const SeenNode& node) override;
  void OnOpen(uint32_t pid, const SeenNode& node, uint32_t flags) override;
  void OnRead(uint32_t pid, const SeenNode& node) override;
  void OnOpendir(uint32_t pid, const SeenNode& node) override;
  void OnReaddir(uint32_t pid, const SeenNode& node) override;
  void OnReleasedir(const SeenNode& node) override;
  void OnGetxattr(uint32_t pid, const SeenNode& node, absl::string_view name) override;
  void OnListxattr(uint32_t pid, const SeenNode& node) override;
  void OnNoXattrs() override;
  void OnWholeTree() override { whole_ = true; }
  bool KnowsList(const SeenNode& directory) override {
    // The listing of a place of a cache, or beside it, is told to its watch each time.
    return options_.warm == nullptr &&
           ((directory.marks.load(std::memory_order_relaxed) & fact::kList) != 0 ||
            IsUnchangedDirectory(directory));
  }
  bool IsSameForAll(const SeenNode& node) override { return IsInBase(node); }
  bool TakesAllStrictly(uint32_t pid, const SeenNode& directory) override;

  // Nothing but one observation of the whole tree was recorded.
  bool whole() const { return whole_; }

  // What was recorded: the path set, and who asked, in the form of TracedRoot::askers. To be called once,
  // when nothing is asked any more. `tree` is the one that was asked; `delta` what the RUN changed in it
  // (empty for a read-only mount): what the changes themselves were derived from is added.
  std::pair<PathSet, std::vector<uint32_t>> Finish(const Tree& tree, const Delta& delta);

 private:
  // True if the node lies where nothing is recorded.
  bool IsWarm(uint32_t pid, const SeenNode& node);
  bool ShowsTimesByContent(const SeenNode& node);
  // Adds facts of a node; the asker is remembered with the first.
  void Note(uint32_t pid, const SeenNode& node, uint32_t facts);
  // `shown`: the facts that the asker can learn. The answer is OnGetattr's.
  bool NoteStat(uint32_t pid, const SeenNode& node, uint32_t shown);
  void NoteXattrs(uint32_t pid, const SeenNode& node);
  uint32_t ContentFact(uint32_t pid, const SeenNode& node);  // what reading it tells: all, or a part (B3)
  void NoteAlias(const SeenNode& node, const std::string& path);
  bool IsInBase(const SeenNode& node);                   // as it is in the tree
  const Node* BaseDirectory(const SeenNode& directory);  // of the same path in the base; null if it has none
  bool IsUnchangedDirectory(const SeenNode& directory);  // with all below it
  bool UpperHas(const SeenNode& directory) const;
  bool IsMerged(const SeenNode& directory) const;  // of parts, by overlayfs

  // What is observed besides the nodes themselves, of which one may be observed under `path` too.
  struct Noted {
    std::string path;
    uint32_t facts = 0;
    uint32_t asker = 0;
    const SeenNode* node = nullptr;  // whose facts, asker and filters they are instead
  };
  // In the order of paths; of what is said twice of one, who asked comes first.
  std::vector<Noted> NotedBesides(const Tree& tree, const Delta& delta) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The paths of the delta that somebody opened below.
  absl::flat_hash_set<std::string> OpenedOf(const Delta& delta) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  bool whole_ = false;
  absl::Mutex mutex_;
  std::vector<const SeenNode*> nodes_ ABSL_GUARDED_BY(mutex_);  // that have marks
  absl::flat_hash_map<std::pair<const SeenNode*, std::string>, uint32_t> absent_ ABSL_GUARDED_BY(mutex_);
  // Other names of hard-linked files.
  absl::flat_hash_map<std::string, const SeenNode*> aliases_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const SeenNode*, std::vector<uint32_t>> narrowed_ ABSL_GUARDED_BY(mutex_);
  // Directories that somebody has open. Overlayfs opens one that it copies up, too, and lists nothing.
  struct OpenDirectory {
    int handles = 0;
    bool listed = false;  // in part, by a program with a profile
  };
  absl::flat_hash_map<const SeenNode*, OpenDirectory> open_ ABSL_GUARDED_BY(mutex_);
  std::vector<ListFilter> filters_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const SeenNode*, const Node*> base_directories_
      ABSL_GUARDED_BY(mutex_);  // null: has none
  bool no_xattrs_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_RECORDER_H_
