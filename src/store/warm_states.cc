#include "src/store/warm_states.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/json.h"
#include "src/base/list_directory.h"
#include "src/base/status.h"
#include "src/store/upper_directory.h"

namespace kasane {
namespace {

constexpr int kVersion = 2;
// A state that has grown beyond this begins anew.
constexpr int64_t kMaxBytes = int64_t{8} << 30;
constexpr size_t kMaxLayers = 24;
constexpr int64_t kTouchAfter = int64_t{15} * 60;  // seconds

std::string StateDirectory(const Store& store) { return JoinPath(store.directory(), "warm"); }

std::string Path(const Store& store, const Digest& key) {
  return absl::StrCat(StateDirectory(store), "/", key.ToHex(), ".json");
}

std::string LayersDirectory(const Store& store, const Digest& key) {
  return absl::StrCat(StateDirectory(store), "/", key.ToHex(), ".layers");
}

absl::StatusOr<UniqueFd> Lock(const std::string& path, int operation) {
  RETURN_IF_ERROR(MakeDirs(std::string(Dirname(path))));
  ASSIGN_OR_RETURN(UniqueFd lock, OpenFile(path, O_RDWR | O_CREAT));
  RETURN_IF_ERROR(LockFile(lock.get(), operation, path));
  return lock;
}

absl::StatusOr<UniqueFd> LockStates(const Store& store) {
  return Lock(StateDirectory(store) + "/lock", LOCK_EX);
}

// Not valid if somebody is shown layers of the state.
UniqueFd LockUnused(const Store& store, const Digest& key) {
  UniqueFd lock(open((LayersDirectory(store, key) + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (lock.valid() && flock(lock.get(), LOCK_EX | LOCK_NB) != 0) lock.reset();
  return lock;
}

absl::Status Save(const Store& store, const WarmState& state) {
  Json json = Json::object();
  json["version"] = kVersion;
  json["tool"] = state.tool;
  json["project"] = state.project;
  Json layers = Json::array();
  for (const WarmLayer& layer : state.layers)
    layers.push_back({{"number", layer.number}, {"files", layer.files}, {"bytes", layer.bytes}});
  json["layers"] = std::move(layers);
  json["touched"] = state.touched;
  Json refused = Json::array();
  for (const Digest& digest : state.refused) refused.push_back(digest.ToHex());
  json["refused"] = std::move(refused);
  RETURN_IF_ERROR(MakeDirs(StateDirectory(store)));
  return WriteFileAtomic(Path(store, state.key), DumpJson(json));
}

// What others have made of the state meanwhile. Where a layer is gone, none counts: half of a cache is worse
// than none.
void Reload(const Store& store, WarmState* state) {
  absl::StatusOr<WarmState> now = LoadWarmState(store, state->key);
  state->layers.clear();
  state->touched = 0;
  if (!now.ok()) return;
  state->touched = now->touched;
  state->refused = std::move(now->refused);
  for (const WarmLayer& layer : now->layers) {
    if (!PathExists(WarmLayerPath(store, state->key, layer))) return;
  }
  state->layers = std::move(now->layers);
}

// Also of those that nobody lists any more: somebody may still be shown them.
int64_t NextNumber(const Store& store, const WarmState& state) {
  int64_t next = 1, number = 0;
  for (const std::string& name : NamesIn(LayersDirectory(store, state.key)))
    if (absl::SimpleAtoi(name, &number)) next = std::max(next, number + 1);
  return next;
}

// Moves a directory into the state as its topmost layer.
absl::Status Append(const Store& store, const std::string& directory, WarmState* state) {
  WarmLayer layer;
  layer.number = NextNumber(store, *state);
  const TreeCount count = CountTree(directory);
  layer.files = count.files, layer.bytes = count.bytes;
  if (layer.files == 0) return absl::OkStatus();
  const std::string path = WarmLayerPath(store, state->key, layer);
  RETURN_IF_ERROR(MakeDirs(LayersDirectory(store, state->key)));
  if (rename(directory.c_str(), path.c_str()) != 0)
    return ErrnoStatus(errno, absl::StrCat("cannot create ", path));
  state->layers.push_back(layer);
  return absl::OkStatus();
}

// So that a layer has more than twice the files of the next one, and what an edit adds is moved a few times.
// `unused`: nobody sees it, and layers can be changed. If that ends half way, Reload finds one gone.
absl::Status MergeLayers(Store* store, bool unused, WarmState* state) {
  std::vector<WarmLayer>& layers = state->layers;
  while (layers.size() > 1) {
    const WarmLayer lower = layers[layers.size() - 2], upper = layers.back();
    if (lower.files > 2 * upper.files && layers.size() <= kMaxLayers) break;
    ASSIGN_OR_RETURN(const ScratchDir scratch, store->NewScratch());
    const std::string merged = scratch.path() + "/merged";
    const std::string below = WarmLayerPath(*store, state->key, lower);
    const std::string above = WarmLayerPath(*store, state->key, upper);
    if (unused) {
      RETURN_IF_ERROR(MoveOnTop(below, merged));
      RETURN_IF_ERROR(MoveOnTop(above, merged));
    } else {
      RETURN_IF_ERROR(LayOnTop(below, merged));
      RETURN_IF_ERROR(LayOnTop(above, merged));
    }
    layers.resize(layers.size() - 2);
    RETURN_IF_ERROR(Append(*store, merged, state));
  }
  return absl::OkStatus();
}

// Those that no state lists. To be called while nobody is shown any.
void RemoveLeftovers(const Store& store, const WarmState& state) {
  for (const std::string& name : NamesIn(LayersDirectory(store, state.key))) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(name, &number)) continue;
    const auto is_it = [&](const WarmLayer& layer) { return layer.number == number; };
    if (std::none_of(state.layers.begin(), state.layers.end(), is_it))
      RemoveTree(JoinPath(LayersDirectory(store, state.key), name)).IgnoreError();
  }
}

void Touch(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (at->symlink_status(error).type() == fs::file_type::regular)
      utimensat(AT_FDCWD, at->path().c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
  }
}

}  // namespace

int64_t WarmState::bytes() const {
  int64_t bytes = 0;
  for (const WarmLayer& layer : layers) bytes += layer.bytes;
  return bytes;
}

absl::StatusOr<WarmState> LoadWarmState(const Store& store, const Digest& key) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(Path(store, key)));
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "a warm tool's state"));
  if (JsonInt(json, "version") != kVersion) return absl::NotFoundError("a state of another version");
  WarmState state;
  state.key = key;
  state.tool = JsonString(json, "tool");
  state.project = JsonString(json, "project");
  if (const auto layers = json.find("layers"); layers != json.end() && layers->is_array()) {
    for (const Json& layer : *layers)
      state.layers.push_back({JsonInt(layer, "number"), JsonInt(layer, "files"), JsonInt(layer, "bytes")});
  }
  state.touched = JsonInt(json, "touched");
  for (const std::string& hex : JsonStrings(json, "refused")) {
    ASSIGN_OR_RETURN(Digest digest, Digest::ParseHex(hex));
    state.refused.push_back(digest);
  }
  return state;
}

absl::Status RefuseWarmState(const Store& store, const WarmState& state, const Digest& spec) {
  ASSIGN_OR_RETURN(const UniqueFd lock, LockStates(store));
  WarmState now = state;
  Reload(store, &now);
  now.refused.push_back(spec);
  return Save(store, now);
}

std::string WarmLayerPath(const Store& store, const Digest& key, const WarmLayer& layer) {
  return absl::StrCat(LayersDirectory(store, key), "/", layer.number);
}

bool WarmLayersHold(const Store& store, const WarmState& state, const std::string& path) {
  return std::any_of(state.layers.begin(), state.layers.end(), [&](const WarmLayer& layer) {
    return PathExists(JoinPath(WarmLayerPath(store, state.key, layer), path));
  });
}

absl::StatusOr<UniqueFd> UseWarmLayers(const Store& store, WarmState* state) {
  ASSIGN_OR_RETURN(UniqueFd use, Lock(LayersDirectory(store, state->key) + "/lock", LOCK_SH));
  Reload(store, state);
  const int64_t now = time(nullptr);
  if (state->layers.empty() || now - state->touched < kTouchAfter) return use;
  for (const WarmLayer& layer : state->layers) Touch(WarmLayerPath(store, state->key, layer));
  ASSIGN_OR_RETURN(const UniqueFd lock, LockStates(store));
  Reload(store, state);
  state->touched = now;
  RETURN_IF_ERROR(Save(store, *state));
  return use;
}

absl::Status AddWarmLayer(Store* store, const std::string& directory, WarmState* state) {
  ASSIGN_OR_RETURN(const UniqueFd lock, LockStates(*store));
  Reload(*store, state);
  if (state->layers.empty()) state->touched = time(nullptr);
  RETURN_IF_ERROR(Append(*store, directory, state));
  if (state->bytes() > kMaxBytes) state->layers.clear();
  const UniqueFd unused = LockUnused(*store, state->key);
  RETURN_IF_ERROR(MergeLayers(store, unused.valid(), state));
  RETURN_IF_ERROR(Save(*store, *state));
  if (unused.valid()) RemoveLeftovers(*store, *state);
  return absl::OkStatus();
}

absl::Status DropWarmLayers(Store* store, const WarmState& state) {
  ASSIGN_OR_RETURN(const UniqueFd lock, LockStates(*store));
  WarmState now = state;
  Reload(*store, &now);
  now.layers.clear();
  RETURN_IF_ERROR(Save(*store, now));
  if (const UniqueFd unused = LockUnused(*store, now.key); unused.valid()) RemoveLeftovers(*store, now);
  return absl::OkStatus();
}

absl::Status RemoveWarmState(Store* store, const Digest& key) {
  ASSIGN_OR_RETURN(const UniqueFd lock, LockStates(*store));
  const std::string path = Path(*store, key), layers = LayersDirectory(*store, key);
  UniqueFd unused;
  if (PathExists(layers)) {
    unused = LockUnused(*store, key);
    if (!unused.valid()) return absl::UnavailableError("a RUN is shown what is there right now");
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT)
    return ErrnoStatus(errno, absl::StrCat("cannot remove ", path));
  ASSIGN_OR_RETURN(const ScratchDir scratch, store->NewScratch());
  // All of it at once: half of a cache is worse than none.
  if (rename(layers.c_str(), absl::StrCat(scratch.path(), "/gone").c_str()) != 0 && errno != ENOENT)
    return ErrnoStatus(errno, absl::StrCat("cannot remove ", layers));
  return absl::OkStatus();
}

std::vector<WarmState> ListWarmStates(const Store& store) {
  std::vector<WarmState> states;
  for (const std::string& file : NamesIn(StateDirectory(store))) {
    absl::string_view name = file;
    if (!absl::ConsumeSuffix(&name, ".json")) continue;
    absl::StatusOr<Digest> key = Digest::ParseHex(name);
    if (!key.ok()) continue;
    absl::StatusOr<WarmState> state = LoadWarmState(store, *key);
    struct stat st;
    if (!state.ok() || stat(Path(store, *key).c_str(), &st) != 0) continue;
    state->last_used = st.st_mtime;
    states.push_back(*std::move(state));
  }
  std::sort(states.begin(), states.end(), [](const WarmState& a, const WarmState& b) {
    return std::make_tuple(a.project, a.tool, a.key.ToHex()) <
           std::make_tuple(b.project, b.tool, b.key.ToHex());
  });
  return states;
}

}  // namespace kasane
