#include "generator/graph_command.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "generator/built_graph.h"
#include "generator/command_words.h"
#include "generator/graph_page.h"
#include "generator/ninja_log.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/contract/spec_file.h"
#include "src/steps/provenance_origins.h"
#include "src/steps/run_why.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr size_t kMostListed = 500;  // of the files of one RUN

std::string Capped(size_t all) { return absl::StrCat("and ", all - kMostListed, " more"); }

Json Listed(const std::set<std::string>& items) {
  Json json = Json::array();
  for (const std::string& item : items) {
    if (json.size() == kMostListed) {
      json.push_back(Capped(items.size()));
      break;
    }
    json.push_back(item);
  }
  return json;
}

Json ReadJson(const Origins& origins) {
  Json json = Json::object();
  json["files"] = Listed(origins.files);
  json["steps"] = Listed(origins.steps);
  json["bases"] = Json::array();
  for (const auto& [name, paths] : origins.bases) {
    json["bases"].push_back(absl::StrCat(paths, paths == 1 ? " path of " : " paths of ", name));
  }
  json["others"] = Listed(origins.others);
  return json;
}

Json DifferencesJson(const Json& left) {
  Json out = Json::array();
  for (const Json& item : JsonMember(left, "differences")) {
    Json json = Json::object();
    json["fact"] = JsonString(item, "fact");
    json["path"] = absl::StrCat(JsonString(item, "root"), "/", JsonString(item, "path"));
    json["change"] = absl::StrCat(JsonString(item, "before"), " → ", JsonString(item, "after"));
    if (const std::string asker = JsonString(item, "asker"); !asker.empty()) json["asker"] = asker;
    out.push_back(std::move(json));
  }
  return out;
}

class Collector {
 public:
  Collector(Store* store, std::string directory, std::vector<BuiltEdge> edges)
      : directory_(std::move(directory)), edges_(std::move(edges)), provenance_(store, directory_, edges_) {
    const std::string state = absl::StrCat(directory_, ".kasane");
    durations_ = DurationsInNinjaLog(ReadFile(JoinPath(state, ".ninja_log")).value_or(""));
    for (size_t i = 0; i < edges_.size(); ++i) places_[edges_[i].record] = static_cast<int>(i);
  }

  std::vector<PageNode> Collect() {
    std::vector<PageNode> nodes;
    for (const BuiltEdge& edge : edges_) nodes.push_back(Node(edge));
    for (size_t i = 0; i < nodes.size(); ++i) nodes[i].from = From(nodes, i);
    return nodes;
  }

 private:
  PageNode Node(const BuiltEdge& edge) {
    PageNode node;
    const absl::StatusOr<Spec> spec = ReadSpec(absl::StrCat(directory_, ".kasane/specs"), edge.spec);
    if (spec.ok()) node.kind = std::string(SpecKind(*spec));
    const bool is_base = node.kind == "pull" || node.kind == "base";
    node.stage = is_base ? "base images" : !edge.origin.stage.empty() ? edge.origin.stage : "image";
    const std::string name = absl::StrCat(edge.origin.text.empty() ? node.kind : edge.origin.text);
    node.title = node.kind == "pull" ? absl::StrCat("pull for ", name) : name;
    if (edge.origin.range.line > 0) {
      node.place = absl::StrCat(edge.origin.dockerfile.empty() ? "-" : edge.origin.dockerfile, ":",
                                edge.origin.range.line);
    }
    if (const auto took = durations_.find(edge.record); took != durations_.end())
      node.milliseconds = took->second;
    const absl::StatusOr<Record> record = ReadRecord(absl::StrCat(directory_, edge.record));
    if (!record.ok()) return node;
    node.outcome = "built";
    if (record->layers.size() == 1 && (node.kind == "layer" || node.kind == "pull"))
      node.bytes = record->layers[0].size;
    if (node.kind == "run") ExplainRun(edge, &node);
    return node;
  }

  void ExplainRun(const BuiltEdge& edge, PageNode* node) {
    const absl::StatusOr<Json> left = ReadRunWhy(absl::StrCat(directory_, edge.record));
    if (!left.ok()) return;
    node->outcome = JsonString(*left, "outcome");
    node->why = JsonString(*left, "why");
    node->details = Json::object();
    if (Json differences = DifferencesJson(*left); !differences.empty()) {
      node->details["differences"] = std::move(differences);
    }
    // Of a store that has lost the trace the page says the rest.
    const absl::StatusOr<Origins> origins = provenance_.SourcesOf(edge.record);
    if (origins.ok()) node->details["read"] = ReadJson(*origins);
  }

  // The last step of each other column that it reads from.
  std::vector<int> From(const std::vector<PageNode>& nodes, size_t node) const {
    std::map<std::string, int> last;
    const auto add = [&](const std::vector<std::string>& records) {
      for (const std::string& record : records) {
        const auto place = places_.find(record);
        if (place == places_.end()) continue;
        const std::string& stage = nodes[static_cast<size_t>(place->second)].stage;
        if (stage == nodes[node].stage) continue;
        int& known = last.emplace(stage, place->second).first->second;
        known = std::max(known, place->second);
      }
    };
    // What lies below all steps of a stage is drawn once: to its first.
    const std::vector<std::string>& below = edges_[node].below;
    if (!below.empty()) add({below.back()});
    add(edges_[node].source);
    std::vector<int> out;
    for (const auto& [stage, place] : last) out.push_back(place);
    return out;
  }

  const std::string directory_;
  const std::vector<BuiltEdge> edges_;
  Provenance provenance_;
  std::map<std::string, int64_t> durations_;
  std::map<std::string, int> places_;
};

}  // namespace

bool IsPageOfGraph(const std::vector<std::string>& args) {
  return std::any_of(args.begin(), args.end(), [](const std::string& word) {
    return word == "--html" || word == "--svg" || word == "--help" || word == "-h";
  });
}

int GraphPageCommand(const std::vector<std::string>& args, std::string* out, Messages* messages) {
  CommandWords words("gen graph", messages);
  bool html = false, svg = false;
  std::string directory;
  words.Flag("--html", &html);
  words.Flag("--svg", &svg);
  words.Option("-C|--build-dir", &directory);
  if (!words.Parse(args)) return 2;
  if (words.help()) {
    absl::StrAppend(
        out,
        "gen graph --html|--svg [-C DIR]            the build that is there, as one page or a picture: "
        "steps by stages,\n"
        "                                           which RUNs ran and why, times, sizes, what they "
        "read\n"
        "gen graph --json [OPTION]... [CONTEXT]     what a build would be, as data\n");
    return 0;
  }
  if (!words.words().empty() || html == svg) {
    messages->Error("gen graph makes one picture of the build here",
                    "use gen graph --html > graph.html, or --svg");
    return 2;
  }
  if (!directory.empty()) directory += "/";
  const auto answer = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(std::vector<BuiltEdge> edges, ReadBuiltEdges(directory));
    ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(Store::DefaultPath()));
    const std::string title(Basename(AbsolutePath(directory.empty() ? "." : directory)));
    const std::vector<PageNode> nodes = Collector(store.get(), directory, std::move(edges)).Collect();
    absl::StrAppend(out, html ? GraphHtml(title, nodes) : GraphSvg(nodes));
    return absl::OkStatus();
  };
  const absl::Status status = answer();
  if (status.ok()) return 0;
  messages->Error(status.message());
  return 1;
}

}  // namespace kasane
