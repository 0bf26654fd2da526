// Results of RUNs, found again by what a RUN read. In two phases, as in BuildXL: the weak key of a RUN
// (command, environment, user, mounts, policy; no tree) leads to what its earlier executions asked (path
// sets); what the present trees answer to one of these gives a strong key, and that leads to the result.
//
// In the store, as results:
//   exact key  = H(weak, trees)             {"version":1,"strong":"<hex>"}
//   weak key   -> {"version":1,"candidates":[{"strong":"<hex>","trace":"sha256:..",
//                   "roots":[{"name":"","paths":"sha256:..","tree":"sha256:..","xattrs":true}..]}..]}, newest
//                   first
//   strong key = H(weak, path sets, answers)  {"version":1,"record":{..},"trace":"sha256:.."}
// paths: the PathSet's blob; tree: the tree file of the tree that was asked.
#ifndef KASANE_SRC_STEPS_RUN_RESULTS_H_
#define KASANE_SRC_STEPS_RUN_RESULTS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/contract/record.h"
#include "src/store/store.h"
#include "src/trace/answers.h"
#include "src/trace/trace.h"

namespace kasane {

// What is kept of a RUN's executions for one weak key. With more path sets than this the oldest is forgotten:
// its results are still found on the very same trees.
inline constexpr size_t kMaxRunCandidates = 16;

struct RunQuestion {
  Digest weak;
  struct Root {
    std::string name;  // "" for the root file system, first; else where a bind mount lies, sorted
    AskedTree asked;   // with all that the RUN would be shown
  };
  std::vector<Root> roots;
};

struct RunResult {
  Record record;
  Digest trace;
  std::string why;  // "the same tree below", "nothing that it read has changed"
};

// Why there is no result: what differs from the newest execution that is known.
struct RunMiss {
  bool executed_before = false;
  Digest trace;                          // of that execution
  std::shared_ptr<const PathSet> paths;  // what it asked of the root file system; may be null
  struct Item {
    std::string root;
    Difference difference;
  };
  std::vector<Item> differences;
};

// kNotFound, and `miss` filled, if there is none.
absl::StatusOr<RunResult> FindRunResult(Store* store, const RunQuestion& question, RunMiss* miss);

// Publishes what an execution on these very trees gave. `trace` has a root for each of the question's, in
// that order. Returns the trace's digest.
absl::StatusOr<Digest> SaveRunResult(Store* store, const RunQuestion& question, const Trace& trace,
                                     const Record& record);

// A delta and all that it refers to; kNotFound if the store lacks any of it.
absl::StatusOr<Delta> LoadWholeDelta(const Store& store, const Digest& digest);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_RESULTS_H_
