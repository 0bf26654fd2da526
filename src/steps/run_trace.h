// Takes the trace of one execution of a RUN: ties what src/trace records to the sandbox that is observed.
#ifndef KASANE_SRC_STEPS_RUN_TRACE_H_
#define KASANE_SRC_STEPS_RUN_TRACE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "src/sandbox/frequent_files.h"
#include "src/sandbox/sandbox.h"
#include "src/store/store.h"
#include "src/trace/process_table.h"
#include "src/trace/profile.h"
#include "src/trace/recorder.h"
#include "src/trace/trace.h"
#include "src/trace/warm_watch.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

class RunTracer {
 public:
  // Sets what `options` must have for the trace to be taken; its mounts are sorted. `store`, `profiles`, and
  // this, must outlive the sandbox. `shown`: what the RUN is shown, but for warm tools' caches; `base`: its
  // base image, if it has one; `warm`: may be null.
  RunTracer(Store* store, const Profiles* profiles, const Tree& shown, absl::optional<Tree> base,
            WarmWatch* warm, SandboxOptions* options);
  // What an earlier execution asked (null: nothing): what it is likely to ask again is brought along by
  // listings, or asked ahead of it.
  void Expect(const PathSet* paths, SandboxOptions* options) const;
  RunTracer(const RunTracer&) = delete;

  // Those that asked anything until now.
  std::vector<TracedProcess> processes() const { return processes_.processes(); }
  // What was recorded, after a process that succeeded. Its path sets are in the store. The roots are "" and
  // the mounts of trees, by target, in the order of SandboxOptions::mounts.
  const Trace& trace() const { return trace_; }

 private:
  struct MountedTree {
    std::string target;
    Tree tree;
    std::unique_ptr<Recorder> recorder;
  };
  absl::Status Finish(const Delta& delta);
  absl::Status AddRoot(const std::string& name, Recorder* recorder, const Tree& tree, const Delta& delta);

  Store* const store_;
  const Tree shown_;
  const absl::optional<Tree> base_;  // none with warm tools: each process must ask by itself there
  const FrequentFiles frequent_;
  ProcessTable processes_;
  Recorder recorder_;
  std::vector<MountedTree> mounted_;
  Trace trace_;
};

// Where the profiles that come with gen are: $KASANE_RULES/profiles, or beside the program. A folder may be
// missing.
std::vector<std::string> ProfileDirectories();

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_TRACE_H_
