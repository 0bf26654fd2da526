// What warm tools left in their caches (src/steps/run_warm.h): one state for each tool and place where it is
// used.
//
// Under the store's directory:
//   warm/<64 hex digits>.json
//     {"version":2,"tool":"go-build","project":"/home/me/app/.kasane",
//      "layers":[{"number":1,"files":5450,"bytes":123}..],"touched":1764000000,"refused":["<hex>"..]}
//   warm/<64 hex digits>.layers/<number>/  the caches at their paths, what an execution added to those before
//   warm/<64 hex digits>.layers/lock       held, shared, by who is shown layers
//   warm/lock                              held by who changes a state's layers
// layers: the oldest first, each as overlayfs leaves it in an upper directory and takes it as a lower one;
// none is changed once it is listed, but for its files' times, of which the latest are at least as late as
// touched (seconds since 1970). A directory that is not listed is a leftover. refused: specs of RUNs that are
// not to find anything here. The json file's mtime is the last use.
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

namespace kasane {

struct WarmLayer {
  int64_t number = 0;
  int64_t files = 0;  // that are no directories
  int64_t bytes = 0;  // on the disk
};

struct WarmState {
  Digest key;
  std::string tool;
  std::string project;
  std::vector<WarmLayer> layers;
  int64_t touched = 0;
  std::vector<Digest> refused;
  int64_t last_used = 0;  // seconds since 1970; ListWarmStates alone sets it

  int64_t bytes() const;
};

// kNotFound if there is none.
absl::StatusOr<WarmState> LoadWarmState(const Store& store, const Digest& key);
// The RUN of that spec is to find nothing here from now on.
absl::Status RefuseWarmState(const Store& store, const WarmState& state, const Digest& spec);

// Where a layer is.
std::string WarmLayerPath(const Store& store, const Digest& key, const WarmLayer& layer);
// True if one of the layers has something at `path` (relative).
bool WarmLayersHold(const Store& store, const WarmState& state, const std::string& path);
// Loads the state anew and keeps its layers where they are as long as the descriptor is held. Files that are
// not younger than a quarter of an hour are made so.
absl::StatusOr<UniqueFd> UseWarmLayers(const Store& store, WarmState* state);
// `directory`, on the store's file system, becomes the topmost layer, whatever others have added meanwhile;
// an empty one does not. Layers are merged so that there are few; beyond 8 GiB the caches begin anew.
absl::Status AddWarmLayer(Store* store, const std::string& directory, WarmState* state);
// The caches are worth nothing any more: the state has no layers.
absl::Status DropWarmLayers(Store* store, const WarmState& state);

// kUnavailable if somebody is shown its layers.
absl::Status RemoveWarmState(Store* store, const Digest& key);
std::vector<WarmState> ListWarmStates(const Store& store);  // by project and tool

}  // namespace kasane

#endif  // KASANE_SRC_STORE_WARM_STATES_H_
