// What warm tools left in their caches (src/steps/run_warm.h): one state for each tool and place where it is
// used.
//
// Under the store's directory: warm/<64 hex digits>.json
//   {"version":1,"tool":"go-build","project":"/home/me/app/.kasane","tree":"sha256:..","bytes":123,
//    "refused":["<hex>"..]}
// tree: a tree file, the caches at their paths; left out: nothing yet. refused: specs of RUNs that are not to
// find anything here. The file's mtime is the last use. The last writer wins: what is lost is warmth.
// Beside it there may be a directory warm/<64 hex digits>.new: what an execution left and nobody has read yet
// (src/steps/run_aside.h).
#ifndef KASANE_SRC_STORE_WARM_STATES_H_
#define KASANE_SRC_STORE_WARM_STATES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/base/file.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

struct WarmState {
  Digest key;
  std::string tool;
  std::string project;
  Digest tree;
  int64_t bytes = 0;  // of all files in it
  std::vector<Digest> refused;
  int64_t last_used = 0;  // seconds since 1970; ListWarmStates alone sets it
};

// kNotFound if there is none.
absl::StatusOr<WarmState> LoadWarmState(const Store& store, const Digest& key);
absl::Status SaveWarmState(const Store& store, const WarmState& state);
// Sets the state's tree, unless it has grown beyond 8 GiB: then the caches begin anew. Saves both.
absl::Status SaveWarmTree(Store* store, const Tree& tree, WarmState* state);
// Who reads what nobody has read yet holds it; waits.
absl::StatusOr<UniqueFd> LockWarmStates(const Store& store);
absl::Status RemoveWarmState(Store* store, const Digest& key);
std::string UnreadWarmCaches(const Store& store, const Digest& key);  // where they are, if there are any
std::vector<WarmState> ListWarmStates(const Store& store);            // by project and tool

}  // namespace kasane

#endif  // KASANE_SRC_STORE_WARM_STATES_H_
