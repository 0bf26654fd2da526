// The processes of a RUN, as /proc tells of them while they wait for an answer.
#ifndef KASANE_SRC_TRACE_PROCESS_TABLE_H_
#define KASANE_SRC_TRACE_PROCESS_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "src/trace/profile.h"
#include "src/trace/trace.h"
#include "src/trace/upper_view.h"
#include "src/tree/tree.h"

namespace kasane {

// A program in a process: an exec makes another one, the process id staying (soundness.md A4).
struct TableProcess {
  uint32_t number = 0;                     // index + 1 in ProcessTable::processes()
  std::shared_ptr<const Profile> profile;  // null: strict
};

// Thread safe.
class ProcessTable {
 public:
  struct Options {
    const Profiles* profiles = nullptr;  // must outlive this
    Profiles::Reader read;
    Tree tree;                        // of the root file system
    std::vector<std::string> mounts;  // absolute paths in the RUN's root at which something else is mounted
    Profiles::Memory memory = {};
    bool all_are_known =
        false;  // processes() tells the profile of each, also of one that Find was not asked for
  };
  explicit ProcessTable(Options options);

  // Where overlayfs's upper directory may be (SandboxOptions::on_start): a file there is the RUN's own, not
  // the tree's. Until it is known no profile applies to anybody. To be called before anything is asked.
  void SetUppers(std::vector<std::string> uppers) { upper_.Set(std::move(uppers)); }
  UpperView& upper() { return upper_; }

  // The program that the thread `tid` is in now. To be called while the thread waits for an answer. Nothing
  // that could ask lowerfs is done here: it would wait for itself. But it looks into upper directories, so
  // not for a question about xattrs: overlayfs asks it while it has one of these locked, to copy something
  // up.
  TableProcess Find(uint32_t tid);
  // The same, but an exec of the same program with other arguments may be overlooked, and unless all are to
  // be known it looks nowhere but into /proc: only to name who asked.
  uint32_t Number(uint32_t tid);
  bool MayReadGoHeader(absl::string_view name) const {
    return options_.profiles != nullptr && options_.profiles->MayReadGoHeader(name);
  }
  std::vector<TracedProcess> processes() const;

 private:
  struct Known {
    std::string executable;
    std::string arguments;
    TableProcess process;
    bool chosen = false;  // its profile
  };
  struct Seen;
  TableProcess FindAnew(uint32_t tid);
  // Makes another process of the thread unless it is that already.
  Known& Enter(uint32_t tid, const std::string& executable, const std::string& arguments, uint32_t parent)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // So that the next question of the thread is answered soon.
  void Keep(uint32_t tid, const Known& known) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<const Profile> ChooseProfile(uint32_t tid, const std::string& executable,
                                               const std::string& arguments);
  // As Asker::read_file has it.
  absl::StatusOr<std::string> ReadAsProcess(const std::string& path);
  uint32_t ParentOf(uint32_t tid);

  const Options options_;
  const std::string own_executable_;  // the launcher asks too, before it becomes the RUN's program
  UpperView upper_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<uint32_t, Known> known_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<uint32_t, std::shared_ptr<const Seen>> seen_ ABSL_GUARDED_BY(mutex_);  // the last few
  std::vector<TracedProcess> processes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_PROCESS_TABLE_H_
