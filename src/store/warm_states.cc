#include "src/store/warm_states.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/list_directory.h"
#include "src/base/status.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

std::string StateDirectory(const Store& store) { return JoinPath(store.directory(), "warm"); }

std::string Path(const Store& store, const Digest& key) {
  return absl::StrCat(StateDirectory(store), "/", key.ToHex(), ".json");
}

// A state that has grown beyond this begins anew.
constexpr int64_t kMaxBytes = int64_t{8} << 30;

int64_t BytesOf(const Tree& tree) {
  int64_t bytes = 0;
  tree.Walk([&](const std::string&, const Node& node) {
    if (node.entry.is_file()) bytes += static_cast<int64_t>(node.entry.size);
    return true;
  });
  return bytes;
}

}  // namespace

absl::StatusOr<WarmState> LoadWarmState(const Store& store, const Digest& key) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(Path(store, key)));
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "a warm tool's state"));
  if (JsonInt(json, "version") != 1) return absl::NotFoundError("a state of another version");
  WarmState state;
  state.key = key;
  state.tool = JsonString(json, "tool");
  state.project = JsonString(json, "project");
  const std::string tree = JsonString(json, "tree");
  if (!tree.empty()) {
    ASSIGN_OR_RETURN(state.tree, Digest::Parse(tree));
  }
  state.bytes = JsonInt(json, "bytes");
  for (const std::string& hex : JsonStrings(json, "refused")) {
    ASSIGN_OR_RETURN(Digest digest, Digest::ParseHex(hex));
    state.refused.push_back(digest);
  }
  return state;
}

absl::Status SaveWarmState(const Store& store, const WarmState& state) {
  Json json = Json::object();
  json["version"] = 1;
  json["tool"] = state.tool;
  json["project"] = state.project;
  if (!state.tree.empty()) json["tree"] = state.tree.ToString();
  json["bytes"] = state.bytes;
  Json refused = Json::array();
  for (const Digest& digest : state.refused) refused.push_back(digest.ToHex());
  json["refused"] = std::move(refused);
  RETURN_IF_ERROR(MakeDirs(StateDirectory(store)));
  return WriteFileAtomic(Path(store, state.key), DumpJson(json));
}

absl::Status SaveWarmTree(Store* store, const Tree& tree, WarmState* state) {
  state->bytes = BytesOf(tree);
  state->tree = Digest();
  if (state->bytes <= kMaxBytes) {
    ASSIGN_OR_RETURN(state->tree, SaveTree(store, tree));
  } else {
    state->bytes = 0;
  }
  return SaveWarmState(*store, *state);
}

absl::StatusOr<UniqueFd> LockWarmStates(const Store& store) {
  const std::string path = StateDirectory(store) + "/lock";
  RETURN_IF_ERROR(MakeDirs(StateDirectory(store)));
  ASSIGN_OR_RETURN(UniqueFd lock, OpenFile(path, O_RDWR | O_CREAT));
  RETURN_IF_ERROR(LockFile(lock.get(), LOCK_EX, path));
  return lock;
}

std::string UnreadWarmCaches(const Store& store, const Digest& key) {
  return absl::StrCat(StateDirectory(store), "/", key.ToHex(), ".new");
}

absl::Status RemoveWarmState(Store* store, const Digest& key) {
  const std::string path = Path(*store, key), unread = UnreadWarmCaches(*store, key);
  if (unlink(path.c_str()) != 0 && errno != ENOENT)
    return ErrnoStatus(errno, absl::StrCat("cannot remove ", path));
  if (!PathExists(unread)) return absl::OkStatus();
  // All of it at once: half of a cache is worse than none.
  ASSIGN_OR_RETURN(const ScratchDir scratch, store->NewScratch());
  if (rename(unread.c_str(), absl::StrCat(scratch.path(), "/gone").c_str()) != 0 && errno != ENOENT)
    return ErrnoStatus(errno, absl::StrCat("cannot remove ", unread));
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
