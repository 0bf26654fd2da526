#include "src/plan/dump_plan.h"

#include "src/dockerfile/dump.h"

namespace kasane {
namespace {

Json DumpSpec(const Spec& spec) { return ParseJson(EncodeSpec(spec), "a spec").value_or(Json()); }

Json DumpStep(const PlanStep& step) {
  Json out;
  out["kind"] = std::string(SpecKind(step.spec));
  out["text"] = step.text;
  out["range"] = DumpRange(step.range);
  if (step.source_stage >= 0) out["source_stage"] = step.source_stage;
  out["spec"] = DumpSpec(step.spec);
  return out;
}

Json DumpStage(const PlanStage& stage) {
  Json out;
  out["index"] = stage.index;
  if (!stage.name.empty()) out["name"] = stage.name;
  out["id"] = stage.id;
  out["range"] = DumpRange(stage.range);
  if (stage.parent >= 0) out["parent"] = stage.parent;
  if (stage.base.has_value()) {
    Json base;
    base["reference"] = stage.base->reference.ToString();
    base["manifest"] = stage.base->manifest.ToString();
    base["layers"] = Json::array();
    for (const LayerInfo& layer : stage.base->layers) base["layers"].push_back(layer.blob.ToString());
    out["base"] = std::move(base);
  }
  out["steps"] = Json::array();
  for (const PlanStep& step : stage.steps) out["steps"].push_back(DumpStep(step));
  out["image"] = DumpSpec(stage.image);
  return out;
}

}  // namespace

Json DumpPlan(const Plan& plan) {
  Json out;
  out["target"] = plan.target;
  out["stages"] = Json::array();
  for (const PlanStage& stage : plan.stages) out["stages"].push_back(DumpStage(stage));
  for (const Diagnostic& d : plan.warnings) {
    Json w;
    w["message"] = d.message;
    if (!d.help.empty()) w["help"] = d.help;
    if (!d.rule.empty()) w["rule"] = d.rule;
    out["warnings"].push_back(std::move(w));
  }
  return out;
}

}  // namespace kasane
