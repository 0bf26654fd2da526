#include "src/plan/evaluate.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/dockerfile/lint_syntax.h"
#include "src/plan/arguments.h"
#include "src/plan/check.h"
#include "src/plan/frontend.h"
#include "src/plan/image_config.h"
#include "src/plan/lint_from.h"
#include "src/plan/needed_caches.h"
#include "src/plan/report.h"
#include "src/plan/stage_evaluator.h"
#include "src/plan/stages.h"
#include "src/plan/warm_runs.h"

namespace kasane {
namespace {

constexpr char kCheckArgument[] = "BUILDKIT_DOCKERFILE_CHECK";

bool ReadCheckOptions(const DockerfileAst& ast, const PlanOptions& options, Report* report,
                      CheckOptions* out) {
  const std::string form = "it looks like skip=RULE,RULE;error=true";
  std::string error;
  const auto given = options.build_args.find(kCheckArgument);
  if (given != options.build_args.end()) {
    if (ParseCheckOptions(given->second, out, &error)) return true;
    return report->OptionError(absl::StrCat("invalid ", kCheckArgument, ": ", error), form);
  }
  if (ParseCheckDirective(ast, out, &error)) return true;
  return report->Error(ast.FindDirective("check")->value.range,
                       absl::StrCat("invalid check directive: ", error), form);
}

class Evaluator {
 public:
  Evaluator(const DockerfileAst& ast, const PlanOptions& options, ImageResolver* resolver,
            std::vector<Diagnostic>* diagnostics)
      : ast_(ast),
        options_(options),
        resolver_(resolver),
        report_(ast.file, diagnostics),
        diagnostics_(diagnostics) {}

  bool Run(Plan* plan, absl::Status* status) {
    Arguments arguments;
    if (!ReadCheckOptions(ast_, options_, &report_, &plan->checks)) return false;
    Linter linter(ast_.file, plan->checks, diagnostics_);
    const auto given = options_.build_args.find(kCheckArgument);
    LintRuleNames(ast_, given == options_.build_args.end() ? nullptr : &given->second, &linter);
    if (!CheckFrontend(ast_, options_, &report_) || !CheckFile(ast_, &report_, &linter)) return false;
    LintDefaultBases(ast_, options_, &linter);
    if (!ReadArguments(ast_, options_, &report_, &arguments)) return false;
    LintFroms(ast_, arguments.global, &linter);
    StageTable table(ast_, options_, arguments.global, &report_);
    int target = 0;
    if (!table.Build() || !table.FindTarget(&target) || !table.Resolve(target, resolver_, status))
      return false;
    if (options_.all_stages && !table.ResolveAll(resolver_, status)) return false;
    context_.options = &options_;
    context_.build_args = &arguments.build_args;
    context_.global_args = &arguments.global;
    context_.proxy_env = arguments.proxy_env;
    context_.epoch = arguments.epoch;
    context_.escape = ast_.escape;
    context_.report = &report_;
    context_.linter = &linter;
    global_ = &arguments;
    for (const Instruction& in : ast_.instructions) {
      if (in.kind == InstructionKind::kFrom) froms_.push_back(&in);
    }
    // Implicit stages first: they need nothing, and the others may need them.
    for (const bool implicit : {true, false}) {
      for (const Stage& stage : table.stages()) {
        if (stage.reached && stage.implicit == implicit && !AddStage(stage, plan)) return false;
      }
    }
    plan->target = place_.at(target);
    NameStages(plan, options_.one_of_many ? options_.target_platform.Slug() + "/" : "");
    FinishTarget(plan);
    MarkNeededCaches(plan);
    if (options_.warm) MarkWarmRuns(plan);
    WarnOfUnusedArguments(ast_, options_, &linter);
    if (!plan->checks.error || linter.violations().empty()) return true;
    return report_.Error(RangeOfChecks(),
                         absl::StrCat("not built, for it breaks ", absl::StrJoin(linter.violations(), ", ")),
                         "error=true was asked for; the warnings above say where");
  }

 private:
  SourceRange RangeOfChecks() const {
    const Directive* check = ast_.FindDirective("check");
    return check == nullptr ? SourceRange{} : check->value.range;
  }

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
      for (const MountSource& mount : in.mounts) {
        if (mount.stage < 0 || Find(mount.stage, &place)) continue;
        return report_.Error(mount.range, "the stage to mount stands below this one",
                             "move it above this stage");
      }
    }
    if (stage.context != nullptr) AddContextStep(stage, &state, &out);
    if (!stage.implicit && !StageEvaluator(context_, &state).Run(stage, &out.steps)) return false;
    for (PlanStep& step : out.steps) {
      if (step.source_stage >= 0) step.source_stage = place_.at(step.source_stage);
      for (auto& [mount, source] : step.mount_stages) source = place_.at(source);
    }
    out.image = MakeImageSpec(state);
    if (!stage.implicit) Describe(state, &out);
    place_[stage.index] = static_cast<int>(plan->stages.size());
    states_[stage.index] = std::move(state);
    plan->stages.push_back(std::move(out));
    return true;
  }

  // What people may ask of a stage.
  void Describe(const StageState& state, PlanStage* out) const {
    const Instruction& from = *froms_[static_cast<size_t>(out->index)];
    out->description = DescriptionOf(from.comments, out->name);
    out->args = CollectBuildArgs(from, global_->declared, global_->global, ast_.escape, state.own_args,
                                 state.inherited_args);
  }

  // The tree of a context: what a stage with one ADD would make, but for the history.
  void AddContextStep(const Stage& stage, StageState* state, PlanStage* out) {
    // Fit for a stage's id.
    out->main_context = stage.context_name.empty();
    out->name = "context";
    if (!stage.context_name.empty()) absl::StrAppend(&out->name, ".", stage.context_name);
    for (char& c : out->name) {
      if (c == '/' || c == ':' || c == '@') c = '-';
    }
    if (stage.context->copy.sources.empty()) return;
    CopySpec copy = stage.context->copy;
    copy.epoch = context_.epoch;
    PlanStep step;
    step.spec = std::move(copy);
    step.range = stage.range;
    step.text = absl::StrCat("context", stage.context_name.empty() ? "" : " ", stage.context_name);
    step.remotes = stage.context->remotes;
    for (PlanRemote& remote : step.remotes) remote.range = stage.range;
    out->steps.push_back(std::move(step));
    ++state->steps;
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
    // An image without layers has nothing that could fail to run.
    if (!stage.image->layers.empty()) LintBasePlatform(stage.base, state->platform, *config, context_.linter);
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

  static void NameStages(Plan* plan, const std::string& prefix) {
    std::map<std::string, int> count;
    for (const PlanStage& stage : plan->stages) ++count[stage.name];
    for (PlanStage& stage : plan->stages) {
      // The grammar of stage names leaves nothing that would not fit a file name.
      const bool by_name = !stage.name.empty() && count[stage.name] == 1;
      stage.id = by_name ? absl::StrCat(prefix, stage.name) : absl::StrCat(prefix, stage.index);
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
    target.image.part = options_.one_of_many || options_.has_statements;
    target.image.annotations = options_.annotations;
    std::stable_sort(target.image.annotations.begin(), target.image.annotations.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  const DockerfileAst& ast_;
  const PlanOptions& options_;
  ImageResolver* resolver_;
  Report report_;
  std::vector<Diagnostic>* diagnostics_;
  EvaluationContext context_;
  const Arguments* global_ = nullptr;
  std::vector<const Instruction*> froms_;
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
