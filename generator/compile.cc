#include "generator/compile.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "generator/check_report.h"
#include "generator/lint_context.h"
#include "generator/ninja_writer.h"
#include "src/base/file.h"
#include "src/context/context_state.h"
#include "src/context/ignore.h"
#include "src/context/scan.h"
#include "src/context/select.h"
#include "src/dockerfile/parser.h"
#include "src/plan/evaluate.h"

namespace kasane {
namespace {

PlanOptions MakePlanOptions(const Options& o) {
  PlanOptions plan;
  plan.build_args = o.build_args;
  plan.target = o.target;
  plan.labels = o.labels;
  plan.annotations.assign(o.annotations.begin(), o.annotations.end());
  plan.network = o.network;
  plan.add_hosts = o.add_hosts;
  plan.ulimits = o.ulimits;
  plan.shm_size = o.shm_size;
  plan.build_platform = plan.target_platform = HostPlatform();
  plan.platform_given = !o.platform.empty();
  plan.tags = o.tags;
  plan.epoch = o.epoch;
  plan.all_stages = o.all_stages;
  return plan;
}

// The context directory as all COPYs of a build see it.
class MainContext {
 public:
  MainContext(const ParsedFile& file, Messages* messages)
      : file_(file), layout_(file.layout), messages_(messages) {}

  // False: told.
  bool Scan(const std::vector<std::string>& outputs) {
    absl::StatusOr<IgnoreFile> ignore = ReadIgnoreFile(layout_.dockerfile, layout_.context);
    if (!ignore.ok()) return Fail(ignore.status());
    ignore_ = *std::move(ignore);
    absl::optional<Diagnostic> bad = CheckIgnoreFile(ignore_);
    if (bad.has_value()) {
      messages_->Add(*bad, ignore_.text);
      return false;
    }
    absl::StatusOr<IgnoreMatcher> matcher = IgnoreMatcher::Compile(ignore_.patterns);
    if (!matcher.ok()) return Fail(matcher.status());
    matcher_ = *std::move(matcher);
    exclude_ = OwnFilesInContext(layout_, outputs);
    absl::StatusOr<ContextScan> scan = ScanContext(layout_.context, matcher_, exclude_);
    if (!scan.ok()) return Fail(scan.status());
    scan_ = *std::move(scan);
    return true;
  }

  ContextBinding Binding() const {
    return {layout_.FromBuildDir(layout_.context), ignore_.patterns, exclude_};
  }

  // `record`: absolute path of the COPY's record. False: told.
  bool Select(const PlanStep& step, const std::string& record, ContextInputs* inputs) const {
    const CopySpec& spec = std::get<CopySpec>(step.spec);
    Selection selection;
    SelectProblem problem;
    if (!SelectSources(ScanView(scan_), spec, "the build context", &selection, &problem)) {
      Diagnostic error;
      error.file = file_.ast.file;
      error.range =
          problem.source < step.source_ranges.size() ? step.source_ranges[problem.source] : step.range;
      error.message = problem.message;
      error.help = problem.help;
      bool ignored = !problem.missing.empty() && matcher_.MatchPath(problem.missing) &&
                     PathExists(JoinPath(layout_.context, problem.missing));
      if (ignored) error.help = absl::StrCat("it is left out by ", ShownIgnoreFile());
      messages_->Add(error, file_.text);
      return false;
    }
    std::vector<const ScanEntry*> entries = SelectedInputs(scan_, selection);
    absl::StatusOr<std::string> salt = ChooseSalt(record, layout_.context, entries);
    if (!salt.ok()) return Fail(salt.status());
    inputs->salt = *std::move(salt);
    for (const ScanEntry* entry : entries) {
      if (entry->type == EntryType::kFile) AddFile(entry->path, inputs);
    }
    return true;
  }

  void AddDepends(std::vector<std::string>* depends) const {
    for (const std::string& directory : scan_.directories()) {
      depends->push_back(directory.empty() ? layout_.context : JoinPath(layout_.context, directory));
    }
    depends->push_back(layout_.dockerfile);
    // Files that are looked for and absent come with a new mtime of their directory.
    depends->push_back(layout_.context);
    depends->emplace_back(Dirname(layout_.dockerfile));
    if (!ignore_.path.empty()) depends->push_back(AbsolutePath(ignore_.path));
  }

 private:
  bool Fail(const absl::Status& status) const {
    messages_->Error(status.message());
    return false;
  }

  std::string ShownIgnoreFile() const { return RelativePath(AbsolutePath(ignore_.path), layout_.context); }

  // What ninja cannot name is covered by the salt alone.
  void AddFile(const std::string& path, ContextInputs* inputs) const {
    if (!NinjaCanName(path)) return;
    std::string absolute = JoinPath(layout_.context, path);
    std::string seen = layout_.FromBuildDir(absolute);
    inputs->files.push_back(IsTargetName(seen) ? absolute : seen);
  }

  const ParsedFile& file_;
  const Layout& layout_;
  Messages* messages_;
  IgnoreFile ignore_;
  IgnoreMatcher matcher_;
  std::vector<std::string> exclude_;
  ContextScan scan_;
};

bool ReadsContext(const PlanStep& step) {
  const CopySpec* copy = std::get_if<CopySpec>(&step.spec);
  return copy != nullptr && copy->from == "context" && copy->sources.size() > copy->remotes.size();
}

bool AnyReadsContext(const Plan& plan) {
  for (const PlanStage& stage : plan.stages) {
    for (const PlanStep& step : stage.steps) {
      if (ReadsContext(step)) return true;
    }
  }
  return false;
}

}  // namespace

void Messages::Error(absl::string_view message, absl::string_view help) {
  Diagnostic diagnostic;
  diagnostic.message = std::string(message);
  diagnostic.help = std::string(help);
  Add(diagnostic);
}

bool ReadDockerfile(const Options& options, ParsedFile* file, Messages* messages) {
  Diagnostic error;
  if (!FindLayout(options, &file->layout, &error)) {
    messages->Add(error);
    return false;
  }
  absl::StatusOr<std::string> text = ReadFile(file->layout.dockerfile);
  if (!text.ok()) {
    messages->Error(text.status().message());
    return false;
  }
  file->text = *std::move(text);
  std::vector<Diagnostic> diagnostics;
  absl::optional<DockerfileAst> ast =
      ParseDockerfile(file->layout.shown_dockerfile, file->text, &diagnostics);
  messages->Add(diagnostics, file->text);
  if (!ast.has_value()) return false;
  file->ast = *std::move(ast);
  return true;
}

bool MakePlan(const Options& options, const ParsedFile& file, CachedResolver* resolver, Plan* plan,
              Messages* messages) {
  PlanOptions plan_options = MakePlanOptions(options);
  const auto ignore = ReadIgnoreFile(file.layout.dockerfile, file.layout.context);
  if (ignore.ok()) plan_options.is_ignored = IgnoredSources(ignore->patterns);
  std::vector<Diagnostic> diagnostics;
  absl::StatusOr<Plan> result = Evaluate(file.ast, plan_options, resolver, &diagnostics);
  if (resolver->missing()) {
    // What came of the stand-ins, errors too, is worth nothing.
    resolver->ResolveMissing();
    diagnostics.clear();
    result = Evaluate(file.ast, plan_options, resolver, &diagnostics);
  }
  SortFindings(&diagnostics);
  messages->Add(diagnostics, file.text);
  if (!result.ok()) return false;
  *plan = *std::move(result);
  return true;
}

bool Compile(const Options& options, const ParsedFile& file, CachedResolver* resolver,
             RemoteResolver* remotes, Compiled* compiled, Messages* messages) {
  const Layout& layout = file.layout;
  if (!MakePlan(options, file, resolver, &compiled->plan, messages)) return false;
  Diagnostic error;
  error.file = file.ast.file;
  if (!remotes->Resolve(layout.state(), &compiled->plan, &error)) {
    messages->Add(error, file.text);
    return false;
  }
  const Plan& plan = compiled->plan;

  std::string dest;
  std::vector<std::string> outputs;
  if (options.output.has_value()) {
    outputs.push_back(RealPath(options.output->dest));
    dest = layout.FromBuildDir(outputs[0]);
  }
  MainContext context(file, messages);
  StepInputs inputs(plan.stages.size());
  if (AnyReadsContext(plan)) {
    if (!context.Scan(outputs)) return false;
    for (size_t i = 0; i < plan.stages.size(); ++i) {
      const PlanStage& stage = plan.stages[i];
      inputs[i].resize(stage.steps.size());
      for (size_t n = 0; n < stage.steps.size(); ++n) {
        std::string record = JoinPath(layout.state(), StepRecord(stage, n));
        if (ReadsContext(stage.steps[n]) && !context.Select(stage.steps[n], record, &inputs[i][n]))
          return false;
      }
    }
    compiled->bindings[""] = context.Binding();
  }
  context.AddDepends(&compiled->depends);
  compiled->graph = BuildGraph(plan, inputs, dest);
  for (const GraphEdge& edge : compiled->graph.edges) {
    if (edge.range.line == 0) continue;
    StepOrigin origin;
    origin.range = edge.range;
    origin.text = edge.text;
    origin.stage = edge.stage;
    compiled->origins[JoinPath(kStateName, edge.record)] = origin;
  }
  return true;
}

}  // namespace kasane
