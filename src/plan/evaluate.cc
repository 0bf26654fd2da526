#include "src/plan/evaluate.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/plan/arguments.h"
#include "src/plan/check.h"
#include "src/plan/frontend.h"
#include "src/plan/image_config.h"
#include "src/plan/report.h"
#include "src/plan/stage_evaluator.h"
#include "src/plan/stages.h"

namespace kasane {
namespace {

class Evaluator {
 public:
  Evaluator(const DockerfileAst& ast, const PlanOptions& options, ImageResolver* resolver,
            std::vector<Diagnostic>* diagnostics)
      : ast_(ast), options_(options), resolver_(resolver), report_(ast.file, diagnostics) {}

  bool Run(Plan* plan, absl::Status* status) {
    Arguments arguments;
    if (!CheckFrontend(ast_, options_, &report_) || !CheckFile(ast_, &report_)) return false;
    if (!ReadArguments(ast_, options_, &report_, &arguments)) return false;
    StageTable table(ast_, options_, arguments.global, &report_);
    int target = 0;
    if (!table.Build() || !table.FindTarget(&target) || !table.Resolve(target, resolver_, status))
      return false;
    context_.options = &options_;
    context_.build_args = &arguments.build_args;
    context_.global_args = &arguments.global;
    context_.proxy_env = arguments.proxy_env;
    context_.epoch = arguments.epoch;
    context_.escape = ast_.escape;
    context_.report = &report_;
    // Implicit stages first: they need nothing, and the others may need them.
    for (const bool implicit : {true, false}) {
      for (const Stage& stage : table.stages()) {
        if (stage.reached && stage.implicit == implicit && !AddStage(stage, plan)) return false;
      }
    }
    plan->target = place_.at(target);
    NameStages(plan);
    FinishTarget(plan);
    WarnOfUnusedArguments(ast_, options_, &report_);
    return true;
  }

 private:
  // Where a stage of the file stands in the plan.
  bool Find(int index, int* place) const {
    auto it = place_.find(index);
    if (it == place_.end()) return false;
    *place = it->second;
    return true;
  }

  bool AddStage(const Stage& stage, Plan* plan) {
    PlanStage out;
    out.index = stage.index;
    out.name = stage.name;
    out.range = stage.range;
    out.base = stage.image;
    StageState state;
    if (!FirstState(stage, &out, &state)) return false;
    for (const StageInstruction& in : stage.body) {
      int place = 0;
      if (in.source >= 0 && !Find(in.source, &place)) {
        return report_.Error(FindFlag(*in.instruction, "from")->range,
                             "the stage to copy from stands below this one", "move it above this stage");
      }
    }
    if (!stage.implicit && !StageEvaluator(context_, &state).Run(stage, &out.steps)) return false;
    for (PlanStep& step : out.steps) {
      if (step.source_stage >= 0) step.source_stage = place_.at(step.source_stage);
    }
    out.image = MakeImageSpec(state);
    place_[stage.index] = static_cast<int>(plan->stages.size());
    states_[stage.index] = std::move(state);
    plan->stages.push_back(std::move(out));
    return true;
  }

  bool FirstState(const Stage& stage, PlanStage* out, StageState* state) {
    if (stage.parent >= 0) {
      out->parent = place_.at(stage.parent);
      *state = states_.at(stage.parent);
      return true;
    }
    state->platform = stage.platform.value_or(options_.target_platform);
    state->image = ScratchConfig(options_.target_platform);
    if (!stage.image.has_value()) {
      state->platform = options_.target_platform;
      return true;
    }
    auto config = ParseImageConfig(stage.image->config, stage.base.text);
    if (!config.ok()) return report_.Error(stage.base.range, std::string(config.status().message()));
    const ImageConfig defaults = std::exchange(state->image, *std::move(config));
    if (state->image.os.empty()) state->image.os = defaults.os;
    if (state->image.architecture.empty()) state->image.architecture = defaults.architecture;
    state->has_base = true;
    if (state->image.os == "windows") {
      return report_.Error(stage.base.range, "images of Windows are not supported");
    }
    return true;
  }

  ImageSpec MakeImageSpec(const StageState& state) const {
    ImageSpec spec;
    spec.config = EncodeImageConfig(state.image);
    spec.history = state.history;
    spec.has_base = state.has_base;
    spec.steps = state.steps;
    spec.platform = Platform{state.image.os, state.image.architecture, state.image.variant}.ToString();
    spec.epoch = context_.epoch;
    return spec;
  }

  static void NameStages(Plan* plan) {
    std::map<std::string, int> count;
    for (const PlanStage& stage : plan->stages) ++count[stage.name];
    for (PlanStage& stage : plan->stages) {
      // The grammar of stage names leaves nothing that would not fit a file name.
      stage.id = stage.name.empty() || count[stage.name] > 1 ? absl::StrCat(stage.index) : stage.name;
    }
  }

  // What the command line adds to the image.
  void FinishTarget(Plan* plan) {
    PlanStage& target = plan->stages[static_cast<size_t>(plan->target)];
    ImageConfig& image = states_.at(target.index).image;
    for (const auto& [key, value] : options_.labels) image.labels[key] = value;
    if (options_.platform_given) {
      const Platform& wanted = options_.target_platform;
      const bool same = wanted.os == image.os && wanted.architecture == image.architecture;
      image.os = wanted.os;
      image.architecture = wanted.architecture;
      if (!wanted.variant.empty() || !same) image.variant = wanted.variant;
    }
    auto normal = ParsePlatform(Platform{image.os, image.architecture, image.variant}.ToString());
    if (normal.ok()) {
      image.os = normal->os;
      image.architecture = normal->architecture;
      image.variant = normal->variant;
    }
    target.image = MakeImageSpec(states_.at(target.index));
    target.image.names = options_.tags;
    target.image.annotations = options_.annotations;
    std::stable_sort(target.image.annotations.begin(), target.image.annotations.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  const DockerfileAst& ast_;
  const PlanOptions& options_;
  ImageResolver* resolver_;
  Report report_;
  EvaluationContext context_;
  std::map<int, int> place_;          // index of a stage in the file -> index in the plan
  std::map<int, StageState> states_;  // by index in the file
};

}  // namespace

absl::StatusOr<Plan> Evaluate(const DockerfileAst& ast, const PlanOptions& options, ImageResolver* resolver,
                              std::vector<Diagnostic>* diagnostics) {
  Plan plan;
  absl::Status status;
  const size_t before = diagnostics->size();
  if (!Evaluator(ast, options, resolver, diagnostics).Run(&plan, &status)) {
    const std::string& message = diagnostics->back().message;
    return absl::Status(status.ok() ? absl::StatusCode::kInvalidArgument : status.code(), message);
  }
  plan.warnings.assign(diagnostics->begin() + static_cast<std::ptrdiff_t>(before), diagnostics->end());
  return plan;
}

}  // namespace kasane
