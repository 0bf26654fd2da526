#include "generator/compile.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "generator/check_report.h"
#include "generator/context_reader.h"
#include "generator/context_steps.h"
#include "generator/devices.h"
#include "generator/generated_files.h"
#include "generator/lint_context.h"
#include "generator/lock.h"
#include "generator/plan_options.h"
#include "generator/project_profiles.h"
#include "src/base/file.h"
#include "src/base/timeline.h"
#include "src/context/select.h"
#include "src/contract/mount_sources.h"
#include "src/dockerfile/parser.h"
#include "src/plan/evaluate.h"

namespace kasane {
namespace {

// What is the same for several platforms is told once.
void AddNew(const std::vector<Diagnostic>& more, std::vector<Diagnostic>* diagnostics) {
  for (const Diagnostic& d : more) {
    const bool known = std::any_of(diagnostics->begin(), diagnostics->end(), [&](const Diagnostic& old) {
      return old.message == d.message && old.range.line == d.range.line && old.range.column == d.range.column;
    });
    if (!known) diagnostics->push_back(d);
  }
}

// False: there is an error among the diagnostics. Plans and diagnostics of an earlier call are dropped.
bool EvaluateAll(const ParsedFile& file, const std::vector<PlanOptions>& options, CachedResolver* resolver,
                 std::vector<Plan>* plans, std::vector<Diagnostic>* diagnostics) {
  plans->clear();
  diagnostics->clear();
  bool ok = true;
  for (const PlanOptions& one : options) {
    std::vector<Diagnostic> own;
    absl::StatusOr<Plan> plan = Evaluate(file.ast, one, resolver, &own);
    AddNew(own, diagnostics);
    ok = ok && plan.ok();
    if (plan.ok()) plans->push_back(*std::move(plan));
  }
  return ok;
}

// What the steps of a plan read of directories.
class StepReader {
 public:
  StepReader(const Options& options, const ParsedFile& file, std::vector<std::string> outputs,
             Messages* messages)
      : options_(options), file_(file), outputs_(std::move(outputs)), messages_(messages) {}

  // False: told.
  bool Read(const Plan& plan, StepInputs* inputs) {
    for (size_t i = 0; i < plan.stages.size(); ++i) {
      const PlanStage& stage = plan.stages[i];
      (*inputs)[i].resize(stage.steps.size());
      for (size_t n = 0; n < stage.steps.size(); ++n) {
        const PlanStep& step = stage.steps[n];
        if (const auto* run = std::get_if<RunSpec>(&step.spec)) {
          const std::string record = JoinPath(file_.layout.state(), StepRecord(stage, n));
          if (!ReadMounts(step, *run, record, &(*inputs)[i][n])) return false;
          continue;
        }
        const CopySpec* copy = std::get_if<CopySpec>(&step.spec);
        if (copy == nullptr || copy->sources.size() == copy->remotes.size()) continue;
        const std::string record = JoinPath(file_.layout.state(), StepRecord(stage, n));
        if (copy->from == "stage") {
          const size_t source = static_cast<size_t>(step.source_stage);
          if (plan.stages[source].main_context && !CheckSources(step, *copy)) return false;
        } else if (!ReadDirectory(step, *copy, record, &(*inputs)[i][n])) {
          return false;
        }
      }
    }
    return true;
  }

  // The main context, if a step reads it and it is a directory.
  ScannedContext MainContext() const {
    const auto found = readers_.find("");
    return found == readers_.end() ? ScannedContext() : found->second->Scanned();
  }

  void Finish(Compiled* compiled) const {
    const Layout& layout = file_.layout;
    for (const auto& [name, reader] : readers_) {
      compiled->bindings[name] = reader->Binding();
      reader->AddDepends(&compiled->depends);
    }
    if (!file_.source.kept.content.empty()) {
      compiled->bindings[kInputsContext] = {layout.FromBuildDir(layout.inputs()), {}, {}, {}};
    }
  }

 private:
  bool ReadDirectory(const PlanStep& step, const CopySpec& copy, const std::string& record,
                     ContextInputs* inputs) {
    absl::string_view name = copy.from;
    absl::ConsumePrefix(&name, "context");
    absl::ConsumePrefix(&name, ":");
    const Layout& layout = file_.layout;
    if (name == kInputsContext) {  // named by its content
      inputs->files = {layout.FromBuildDir(JoinPath(layout.inputs(), copy.sources[0]))};
      return true;
    }
    ContextReader* reader = Reader(std::string(name));
    return reader != nullptr && reader->Select(step, record, inputs);
  }

  bool ReadMounts(const PlanStep& step, const RunSpec& run, const std::string& record,
                  ContextInputs* inputs) {
    std::vector<std::string> salts;
    for (const auto& [name, sources] : ContextMountSources(run)) {
      ContextReader* reader = Reader(name);
      if (reader == nullptr || !reader->Select(step, record, inputs)) return false;
      salts.push_back(inputs->salt);
    }
    inputs->salt = JoinSalts(salts);
    std::sort(inputs->files.begin(), inputs->files.end());
    inputs->files.erase(std::unique(inputs->files.begin(), inputs->files.end()), inputs->files.end());
    return true;
  }

  // Null: told.
  ContextReader* Reader(const std::string& name) {
    std::unique_ptr<ContextReader>& reader = readers_[name];
    if (reader == nullptr) {
      const std::string root =
          name.empty() ? file_.layout.context : RealPath(options_.build_contexts.at(name));
      reader = std::make_unique<ContextReader>(name, root, GeneratedIn(options_, root), file_, messages_);
      if (!reader->Open(outputs_)) return nullptr;
    }
    return reader.get();
  }

  // Of a main context that gen has the tree of.
  bool CheckSources(const PlanStep& step, const CopySpec& copy) {
    Selection selection;
    SelectProblem problem;
    if (SelectSources(TreeView(file_.source.tree), copy, "the build context", &selection, &problem))
      return true;
    messages_->Add(SelectError(file_, step, problem), file_.text);
    return false;
  }

  const Options& options_;
  const ParsedFile& file_;
  const std::vector<std::string> outputs_;
  Messages* messages_;
  std::map<std::string, std::unique_ptr<ContextReader>> readers_;  // by name
};

// What the checks say that look at the context's files.
void WarnOfContext(const ParsedFile& file, const std::vector<Plan>& plans, const ScannedContext& context,
                   Messages* messages) {
  const std::vector<Diagnostic> told = messages->diagnostics();
  std::vector<Diagnostic> found;
  for (const Plan& plan : plans) AddNew(LintContext(plan, file.ast.file, context, told), &found);
  SortFindings(&found);
  messages->Add(found, file.text);
}

}  // namespace

void Messages::Say(Severity severity, absl::string_view message, absl::string_view help) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.message = std::string(message);
  diagnostic.help = std::string(help);
  Add(diagnostic);
}

bool ReadDockerfile(const Options& options, const Programs& programs, RemoteResolver* remotes,
                    bool regenerate, ParsedFile* file, Messages* messages) {
  Span span("read and parse the Dockerfile");
  Diagnostic error;
  if (!ReadBuildSource(options, programs, remotes, regenerate, &file->source, &error)) {
    messages->Add(error);
    return false;
  }
  file->layout = file->source.layout;
  file->text = file->source.dockerfile;
  std::vector<Diagnostic> diagnostics;
  absl::optional<DockerfileAst> ast =
      ParseDockerfile(file->layout.shown_dockerfile, file->text, &diagnostics);
  messages->Add(diagnostics, file->text);
  if (!ast.has_value()) return false;
  file->ast = *std::move(ast);
  return true;
}

bool MakePlans(const Options& options, const ParsedFile& file, CachedResolver* resolver,
               std::vector<Plan>* plans, Messages* messages) {
  LockedNames lock;
  if (!ReadLock(options, file.layout, &lock, messages)) return false;
  resolver->Pin(lock, options.locked);
  return EvaluatePlans(options, file, resolver, plans, messages);
}

namespace {

LayerSpec LayerOf(const CompressionOption& option) {
  constexpr int kZstdLevel = 3;  // its own default
  LayerSpec layer;
  layer.compression = option.type;
  if (option.type == "zstd") layer.level = kZstdLevel;
  if (option.level != 0) layer.level = option.level;
  return layer;
}

}  // namespace

bool EvaluatePlans(const Options& options, const ParsedFile& file, CachedResolver* resolver,
                   std::vector<Plan>* plans, Messages* messages) {
  Span span("evaluate");
  std::vector<PlanOptions> all;
  Diagnostic error;
  if (!MakePlanOptions(options, file.source, &all, &error)) {
    messages->Add(error);
    return false;
  }
  std::string profiles;
  if (!ReadProjectProfiles(options, file.layout, &profiles, messages)) return false;
  for (PlanOptions& plan : all) plan.profiles = profiles;
  std::vector<Diagnostic> diagnostics;
  bool ok = EvaluateAll(file, all, resolver, plans, &diagnostics);
  if (resolver->missing()) {
    // What came of the stand-ins, errors too, is worth nothing.
    resolver->ResolveMissing();
    ok = EvaluateAll(file, all, resolver, plans, &diagnostics);
  }
  for (Plan& plan : *plans) plan.layer = LayerOf(options.compression);
  SortFindings(&diagnostics);
  messages->Add(diagnostics, file.text);
  return ok;
}

bool Compile(const Options& options, const ParsedFile& file, CachedResolver* resolver,
             RemoteResolver* remotes, Compiled* compiled, Messages* messages) {
  const Layout& layout = file.layout;
  std::vector<Plan>& plans = compiled->plans;
  LockedNames lock;
  if (!ReadLock(options, layout, &lock, messages)) return false;
  resolver->Pin(lock, options.locked);
  if (!EvaluatePlans(options, file, resolver, &plans, messages)) return false;
  Diagnostic error;
  if (!CheckGenerated(options, layout, &error)) {
    messages->Add(error);
    return false;
  }
  if (const std::string path = LockPath(layout); PathExists(path)) compiled->depends.push_back(path);
  error.file = file.ast.file;
  for (Plan& plan : plans) {
    const auto& directories = options.cdi_directories.empty() ? CdiDirectories() : options.cdi_directories;
    if (PinRemotes(options, lock, &plan, &error) && remotes->Resolve(layout.state(), &plan, &error) &&
        ResolveDevices(directories, options.allow, &plan, &compiled->depends, &error)) {
      continue;
    }
    messages->Add(error, file.text);
    return false;
  }

  std::string dest;
  std::vector<std::string> outputs;  // what is written by this build and the one around it
  for (const std::string& tree : options.build_trees) outputs.push_back(RealPath(tree));
  if (options.output.has_value()) {
    outputs.push_back(RealPath(options.output->dest));
    dest = layout.FromBuildDir(outputs.back());
    if (options.output->type == "docker" && MakesIndex(options)) {
      messages->Error("--output: Docker's archives hold no index", "use type=oci,dest=FILE");
      return false;
    }
  }
  // Commands name what other builds make from the build directory.
  for (Plan& plan : plans) {
    for (PlanStage& stage : plan.stages) {
      if (!stage.base.has_value()) continue;
      if (absl::string_view record = stage.base->source; absl::ConsumePrefix(&record, kBuilt)) {
        stage.base->source = absl::StrCat(kBuilt, layout.FromBuildDir(std::string(record)));
      }
    }
  }
  StepReader reader(options, file, outputs, messages);
  std::vector<StepInputs> inputs;
  Span reading("read contexts");
  for (const Plan& plan : plans) {
    inputs.emplace_back(plan.stages.size());
    if (!reader.Read(plan, &inputs.back())) return false;
  }
  reading.End();
  WarnOfContext(file, plans, reader.MainContext(), messages);
  reader.Finish(compiled);
  AddDepends(options, layout, &compiled->depends);
  Span wiring("wire the graph");
  compiled->graph = !MakesIndex(options) ? BuildGraph(plans[0], inputs[0], dest)
                                         : BuildIndexGraph(plans, inputs, MakeIndexPlan(options), dest);
  auto plan = plans.begin();
  for (const GraphEdge& edge : compiled->graph.edges) {
    if (edge.kind == "image") {  // in the order of the plans
      const ImageSpec& image = plan->stages[static_cast<size_t>(plan->target)].image;
      compiled->bases.push_back({image.platform, edge.record, image.config});
      ++plan;
    }
    if (edge.range.line == 0) continue;
    StepOrigin origin;
    origin.range = edge.range;
    origin.text = edge.text;
    origin.stage = edge.stage;
    compiled->origins[JoinPath(kStateName, edge.record)] = origin;
  }
  wiring.Count(compiled->graph.edges.size(), "edges");
  return true;
}

}  // namespace kasane
