#include "generator/call_command.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "generator/check_report.h"
#include "generator/lint_context.h"
#include "generator/outline.h"
#include "src/base/file.h"
#include "src/contract/mount_sources.h"

namespace kasane {
namespace {

// Of several platforms the first.
bool PlanIt(const Options& options, const Programs& programs, const ParsedFile& file, Plan* plan,
            Messages* messages) {
  GenNetSource source(programs.gen_net);
  CachedResolver resolver(&source);
  if (!options.pull) resolver.Load(file.layout.state() + "/resolved.json");
  std::vector<Plan> plans;
  if (!MakePlans(options, file, &resolver, &plans, messages)) return false;
  *plan = std::move(plans[0]);
  return true;
}

bool ReadsContext(const Plan& plan) {
  for (const PlanStage& stage : plan.stages) {
    for (const PlanStep& step : stage.steps) {
      const CopySpec* copy = std::get_if<CopySpec>(&step.spec);
      if (copy != nullptr && copy->from == "context") return true;
      const RunSpec* run = std::get_if<RunSpec>(&step.spec);
      if (run != nullptr && ContextMountSources(*run).count("") > 0) return true;
    }
  }
  return false;
}

// `context` points to the other two; it stays empty if it cannot be read.
void ScanMainContext(const Layout& layout, ScannedContext* context, IgnoreMatcher* matcher,
                     ContextScan* scan) {
  absl::StatusOr<IgnoreFile> ignore = ReadIgnoreFile(layout.dockerfile, layout.context);
  if (!ignore.ok()) return;
  absl::StatusOr<IgnoreMatcher> compiled = IgnoreMatcher::Compile(ignore->patterns);
  if (!compiled.ok()) return;
  *matcher = *std::move(compiled);
  context->exclude = OwnFilesInContext(layout, layout.context, {});
  absl::StatusOr<ContextScan> scanned = ScanContext(layout.context, *matcher, context->exclude);
  if (!scanned.ok()) return;
  *scan = *std::move(scanned);
  context->root = layout.context;
  context->scan = scan;
  context->ignore = matcher;
  if (!ignore->path.empty()) context->ignore_file = RelativePath(AbsolutePath(ignore->path), layout.context);
}

int Check(const Options& given, const Programs& programs, bool color, std::string* out) {
  Options options = given;
  options.all_stages = options.target.empty();
  Messages quiet(false);
  ParsedFile file;
  Plan plan;
  CheckReport report;
  RemoteResolver remotes(programs.gen_net, /*ask=*/true);
  const bool parsed = ReadDockerfile(options, programs, &remotes, /*regenerate=*/false, &file, &quiet);
  report.file = file.layout.shown_dockerfile.empty() ? "Dockerfile" : file.layout.shown_dockerfile;
  report.text = file.text;
  if (parsed) report.ast = &file.ast;
  const bool planned = parsed && PlanIt(options, programs, file, &plan, &quiet);
  report.findings = quiet.diagnostics();
  if (planned) {
    ScannedContext context;
    IgnoreMatcher matcher;
    ContextScan scan;
    // What is wrong with the context is gen's to say.
    if (ReadsContext(plan) && !file.layout.context.empty()) {
      ScanMainContext(file.layout, &context, &matcher, &scan);
    }
    const std::vector<Diagnostic> more = LintContext(plan, file.ast.file, context, report.findings);
    report.findings.insert(report.findings.end(), more.begin(), more.end());
  }
  SortFindings(&report.findings);
  if (options.format == "json") {
    *out = PrettyJson(CheckJson(report));
  } else if (options.format == "sarif") {
    *out = PrettyJson(CheckSarif(report));
  } else {
    *out = CheckText(report, color);
  }
  return report.findings.empty() ? 0 : 1;
}

}  // namespace

int Call(const Options& options, const Programs& programs, bool color, std::string* out, Messages* messages) {
  if (options.call == "check") return Check(options, programs, color, out);
  const bool json = options.format == "json";
  ParsedFile file;
  RemoteResolver remotes(programs.gen_net, /*ask=*/true);
  if (!ReadDockerfile(options, programs, &remotes, /*regenerate=*/false, &file, messages)) return 1;
  if (options.call == "targets") {
    *out = json ? PrettyJson(TargetsJson(file.ast, file.text)) : TargetsText(file.ast);
    return 0;
  }
  Plan plan;
  Messages quiet(false);
  if (!PlanIt(options, programs, file, &plan, &quiet)) {
    messages->Add(quiet.diagnostics(), file.text);
    return 1;
  }
  const Outline outline = MakeOutline(plan);
  *out = json ? PrettyJson(OutlineJson(outline, file.text)) : OutlineText(outline);
  return 0;
}

}  // namespace kasane
