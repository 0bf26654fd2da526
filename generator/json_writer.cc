#include "generator/json_writer.h"

#include <set>

#include "src/base/file.h"

namespace kasane {
namespace {

// Our own canonical text, so it parses.
Json SpecJson(const std::string& text) { return ParseJson(text, "spec").value_or(Json()); }

Json EdgeJson(const Graph& graph, size_t id, const CommandContext& context) {
  const GraphEdge& edge = graph.edges[id];
  Json json = {{"id", id}, {"kind", edge.kind}, {"title", edge.title}};
  if (!edge.stage.empty()) json["stage"] = edge.stage;
  if (edge.range.line > 0) json["line"] = edge.range.line;
  if (!edge.text.empty()) json["text"] = edge.text;
  auto spec = graph.specs.find(edge.spec);
  json["spec"] = spec == graph.specs.end() ? Json() : SpecJson(spec->second);
  json["command"] = edge.is_built() ? std::vector<std::string>() : StepCommand(graph, edge, context);
  std::set<int> deps(edge.below.begin(), edge.below.end());
  deps.insert(edge.source.begin(), edge.source.end());
  json["inputs"] = Json::array();
  for (int dep : deps) {
    json["inputs"].push_back(RecordPath(graph.edges[static_cast<size_t>(dep)], context.state));
  }
  for (const std::string& path : edge.beside) json["inputs"].push_back(JoinPath(context.state, path));
  json["files"] = edge.files;
  json["outputs"] = Json::array();
  if (!edge.always) {
    json["outputs"].push_back(RecordPath(edge, context.state));
    for (const std::string& product : edge.products) {
      json["outputs"].push_back(JoinPath(context.state, product));
    }
    if (!edge.dest.empty()) json["outputs"].push_back(edge.dest);
  }
  json["deps"] = deps;
  if (edge.pool == Pool::kPull) json["pool"] = "pull";
  if (edge.pool == Pool::kTerminal) json["pool"] = "terminal";
  if (edge.always) json["always"] = true;
  return json;
}

}  // namespace

Json GraphJson(const Graph& graph, const CommandContext& context, const std::string& dockerfile) {
  Json json = {{"version", 1}, {"dockerfile", dockerfile}, {"default", graph.default_target}};
  json["targets"] = Json::object();
  for (const GraphTarget& target : graph.targets) json["targets"][target.name] = target.edges;
  json["edges"] = Json::array();
  for (size_t i = 0; i < graph.edges.size(); ++i) json["edges"].push_back(EdgeJson(graph, i, context));
  return json;
}

}  // namespace kasane
