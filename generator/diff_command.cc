#include "generator/diff_command.h"

#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "generator/command_words.h"
#include "generator/shown_figures.h"
#include "generator/step_state.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/containers/image_source.h"
#include "src/containers/run_container.h"
#include "src/store/store.h"
#include "src/store/tree_store.h"
#include "src/tree/tree_diff.h"

namespace kasane {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

constexpr char kHelp[] =
    "gen diff: what two images, or the states of two steps, do not share.\n"
    "\n"
    "  gen diff [--json] [-C DIR] A B\n"
    "\n"
    "A and B are images (names or the beginnings of digests, as `gen images` shows them) or places in the "
    "build in DIR, "
    "or\n"
    "here: STAGE, STAGE:LINE (the state after that step). One line for each file: A added, D removed, C "
    "changed; times "
    "do not\n"
    "count. Then what differs in the configs.\n";

absl::StatusOr<ContainerSource> Find(const Store& store, const std::string& directory,
                                     const std::string& word) {
  const absl::StatusOr<BuiltImage> image = FindBuiltImage(store, word, "");
  if (image.ok()) return SourceOf(store, *image);
  absl::StatusOr<StepState> state = FindStepState(store, directory, word, /*before=*/false);
  if (!state.ok())
    return absl::NotFoundError(absl::StrCat("there is no image ", word, ", and ", state.status().message()));
  return std::move(state->source);
}

const char* TypeName(EntryType type) {
  switch (type) {
    case EntryType::kFile:
      return "file";
    case EntryType::kDirectory:
      return "directory";
    case EntryType::kSymlink:
      return "link";
    case EntryType::kFifo:
      return "fifo";
    case EntryType::kCharDevice:
      return "character device";
    case EntryType::kBlockDevice:
      return "block device";
    case EntryType::kSocket:
      return "socket";
  }
  return "";
}

// "0644 -> 0600", of what a word of TreeChange names.
std::string Detail(const std::string& what, const Entry& a, const Entry& b) {
  const auto pair = [&](const std::string& x, const std::string& y) {
    return absl::StrCat(what, " ", x, " -> ", y);
  };
  if (what == "type") return pair(TypeName(a.type), TypeName(b.type));
  if (what == "content")
    return a.size == b.size ? what : pair(absl::StrCat(a.size), absl::StrCat(b.size, " bytes"));
  if (what == "mode") return pair(absl::StrFormat("%04o", a.mode), absl::StrFormat("%04o", b.mode));
  if (what == "owner") return pair(absl::StrCat(a.uid, ":", a.gid), absl::StrCat(b.uid, ":", b.gid));
  if (what == "link target") return pair(absl::CHexEscape(a.link_target), absl::CHexEscape(b.link_target));
  return what;
}

std::string OneSide(const Entry& entry) {
  if (entry.is_file()) return ShownSize(static_cast<int64_t>(entry.size));
  if (entry.is_symlink()) return absl::StrCat("-> ", absl::CHexEscape(entry.link_target));
  return TypeName(entry.type);
}

Json ToJson(const Entry& entry) {
  Json json = Json::object();
  json["type"] = TypeName(entry.type);
  json["mode"] = absl::StrFormat("%04o", entry.mode);
  json["uid"] = entry.uid;
  json["gid"] = entry.gid;
  if (entry.is_file()) json["size"] = entry.size, json["digest"] = entry.content.ToString();
  if (entry.is_symlink()) json["target"] = entry.link_target.get();
  return json;
}

struct ConfigChange {
  std::string name;  // "Env.PATH", "Cmd"
  Json before, after;
};

// A list of "NAME=value" as an object.
Json Members(const Json& env) {
  Json json = Json::object();
  for (const Json& item : env) {
    const std::string text = item.is_string() ? item.get<std::string>() : "";
    json[text.substr(0, text.find('='))] = text.substr(std::min(text.find('='), text.size() - 1) + 1);
  }
  return json;
}

void Compare(const std::string& prefix, const Json& a, const Json& b, std::vector<ConfigChange>* changes) {
  Json names = Json::object();
  for (const Json* one : {&a, &b}) {
    if (!one->is_object()) continue;
    for (const auto& [name, value] : one->items()) names[name] = true;
  }
  for (const auto& [name, unused] : names.items()) {
    const Json &before = JsonMember(a, name), &after = JsonMember(b, name);
    const std::string path = prefix + name;
    if (prefix.empty() && name == "Env") {
      Compare("Env.", Members(before), Members(after), changes);
    } else if (before.is_object() || after.is_object()) {
      Compare(path + ".", before, after, changes);
    } else if (before != after) {
      changes->push_back({path, before, after});
    }
  }
}

struct Sums {
  int files = 0;
  int64_t bytes = 0;
  void Add(const Entry& entry) { ++files, bytes += static_cast<int64_t>(entry.size); }
  std::string Text(const char* word) const {
    return absl::StrCat(files, " ", word, bytes > 0 ? absl::StrCat(" (", ShownSize(bytes), ")") : "");
  }
};

std::string Text(const std::vector<TreeChange>& changes, const std::vector<ConfigChange>& config) {
  std::string out;
  Sums added, removed, changed;
  for (const TreeChange& change : changes) {
    const std::string path = absl::StrCat("/", absl::CHexEscape(change.path));
    if (change.before == nullptr) {
      absl::StrAppend(&out, "A ", path, "  ", OneSide(change.after->entry), "\n");
      added.Add(change.after->entry);
    } else if (change.after == nullptr) {
      absl::StrAppend(&out, "D ", path, "  ", OneSide(change.before->entry), "\n");
      removed.Add(change.before->entry);
    } else {
      std::vector<std::string> details;
      for (const std::string& what : change.what)
        details.push_back(Detail(what, change.before->entry, change.after->entry));
      absl::StrAppend(&out, "C ", path, "  ", absl::StrJoin(details, ", "), "\n");
      changed.Add(change.after->entry);
    }
  }
  for (const ConfigChange& change : config) {
    absl::StrAppend(&out, "config ", change.name, ": ",
                    change.before.is_null() ? "-" : DumpJson(change.before), " -> ",
                    change.after.is_null() ? "-" : DumpJson(change.after), "\n");
  }
  if (changes.empty() && config.empty()) return "no difference\n";
  return absl::StrCat(out, added.Text("added"), ", ", removed.Text("removed"), ", ", changed.Text("changed"),
                      "\n");
}

std::string JsonText(const std::vector<TreeChange>& changes, const std::vector<ConfigChange>& config) {
  Json files = Json::array(), members = Json::array();
  for (const TreeChange& change : changes) {
    Json item = Json::object();
    item["path"] = "/" + change.path;
    item["change"] = change.before == nullptr ? "added" : change.after == nullptr ? "removed" : "changed";
    if (!change.what.empty()) item["what"] = change.what;
    if (change.before != nullptr) item["before"] = ToJson(change.before->entry);
    if (change.after != nullptr) item["after"] = ToJson(change.after->entry);
    files.push_back(std::move(item));
  }
  for (const ConfigChange& change : config)
    members.push_back({{"name", change.name}, {"before", change.before}, {"after", change.after}});
  return DumpJson({{"version", 1}, {"files", std::move(files)}, {"config", std::move(members)}}) + "\n";
}

absl::StatusOr<std::string> Diff(const std::string& store_path, const std::string& directory,
                                 const std::vector<std::string>& words, bool json) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(store_path));
  ASSIGN_OR_RETURN(const ContainerSource a, Find(*store, directory, words[0]));
  ASSIGN_OR_RETURN(const ContainerSource b, Find(*store, directory, words[1]));
  ASSIGN_OR_RETURN(const Tree before, TreeOf(store.get(), a));
  ASSIGN_OR_RETURN(const Tree after, TreeOf(store.get(), b));
  const std::vector<TreeChange> changes = DiffTrees(before, after);
  RETURN_IF_ERROR(before.status());
  RETURN_IF_ERROR(after.status());
  std::vector<ConfigChange> config;
  // Of a step's state no more is known than what a RUN gets.
  if (a.manifest.empty() == b.manifest.empty())
    Compare("", JsonMember(a.config, "config"), JsonMember(b.config, "config"), &config);
  return json ? JsonText(changes, config) : Text(changes, config);
}

}  // namespace

int DiffCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
                Messages* messages) {
  bool json = false;
  std::string directory;
  CommandWords words("gen diff", messages);
  words.Flag("--json", &json);
  words.Option("-C|--build-dir", &directory);
  if (!words.Parse(args)) return kWrongUsage;
  if (words.help()) {
    out->append(kHelp);
    return 0;
  }
  if (words.words().size() != 2) {
    messages->Error("gen diff needs two images or places", "`gen diff --help` says how they are named");
    return kWrongUsage;
  }
  if (!directory.empty()) directory += "/";
  const absl::StatusOr<std::string> text = Diff(store, directory, words.words(), json);
  if (!text.ok()) {
    messages->Error(text.status().message());
    return kFailed;
  }
  out->append(*text);
  return 0;
}

}  // namespace kasane
