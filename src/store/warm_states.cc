#include "src/store/warm_states.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"

namespace kasane {
namespace {

std::string Directory(const Store& store) { return JoinPath(store.directory(), "warm"); }

std::string Path(const Store& store, const Digest& key) {
  return absl::StrCat(Directory(store), "/", key.ToHex(), ".json");
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
  RETURN_IF_ERROR(MakeDirs(Directory(store)));
  return WriteFileAtomic(Path(store, state.key), DumpJson(json));
}

absl::Status RemoveWarmState(const Store& store, const Digest& key) {
  const std::string path = Path(store, key);
  if (unlink(path.c_str()) != 0 && errno != ENOENT)
    return ErrnoStatus(errno, absl::StrCat("cannot remove ", path));
  return absl::OkStatus();
}

std::vector<WarmState> ListWarmStates(const Store& store) {
  std::vector<WarmState> states;
  DIR* dir = opendir(Directory(store).c_str());
  if (dir == nullptr) return states;
  while (dirent* entry = readdir(dir)) {
    absl::string_view name = entry->d_name;
    if (!absl::ConsumeSuffix(&name, ".json")) continue;
    absl::StatusOr<Digest> key = Digest::ParseHex(name);
    if (!key.ok()) continue;
    absl::StatusOr<WarmState> state = LoadWarmState(store, *key);
    struct stat st;
    if (!state.ok() || stat(Path(store, *key).c_str(), &st) != 0) continue;
    state->last_used = st.st_mtime;
    states.push_back(*std::move(state));
  }
  closedir(dir);
  std::sort(states.begin(), states.end(), [](const WarmState& a, const WarmState& b) {
    return std::make_tuple(a.project, a.tool, a.key.ToHex()) <
           std::make_tuple(b.project, b.tool, b.key.ToHex());
  });
  return states;
}

}  // namespace kasane
