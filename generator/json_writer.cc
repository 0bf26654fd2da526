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
  json["command"] = StepCommand(graph, edge, context);
  std::set<int> deps(edge.below.begin(), edge.below.end());
  deps.insert(edge.source.begin(), edge.source.end());
  json["inputs"] = Json::array();
  for (int dep : deps) {
    json["inputs"].push_back(JoinPath(context.state, graph.edges[static_cast<size_t>(dep)].record));
  }
  json["files"] = edge.files;
  json["outputs"] = Json::array();
  if (!edge.always) {
    json["outputs"].push_back(JoinPath(context.state, edge.record));
    for (const std::string& product : edge.products)
      json["outputs"].push_back(JoinPath(context.state, product));
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

Json PlanJson(const Plan& plan) {
  auto id = [&](int stage) { return plan.stages[static_cast<size_t>(stage)].id; };
  Json json = {{"version", 1}};
  json["target"] = plan.stages.empty() ? "" : id(plan.target);
  json["stages"] = Json::array();
  for (const PlanStage& stage : plan.stages) {
    Json entry = {{"id", stage.id}, {"name", stage.name}, {"line", stage.range.line}, {"index", stage.index}};
    if (stage.parent >= 0) {
      entry["from"] = {{"stage", id(stage.parent)}};
    } else if (stage.base.has_value()) {
      entry["from"] = {{"image", stage.base->reference.ToString()},
                       {"manifest", stage.base->manifest.ToString()}};
    } else {
      entry["from"] = {{"scratch", true}};
    }
    entry["steps"] = Json::array();
    for (const PlanStep& step : stage.steps) {
      Json item = {{"line", step.range.line},
                   {"text", step.text},
                   {"kind", std::string(SpecKind(step.spec))},
                   {"spec", SpecJson(EncodeSpec(step.spec))}};
      if (step.source_stage >= 0) item["source"] = id(step.source_stage);
      entry["steps"].push_back(std::move(item));
    }
    entry["image"] = SpecJson(EncodeSpec(stage.image));
    json["stages"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace kasane
