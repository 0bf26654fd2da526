#include "generator/lint_context.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "generator/check_report.h"
#include "src/base/file.h"
#include "src/context/disk_files.h"
#include "src/context/glob.h"
#include "src/context/select.h"

namespace kasane {
namespace {

// So many ignored files are counted; "all" are more.
constexpr size_t kCounted = 100;

bool IsAll(absl::string_view pattern) { return pattern == "*" || pattern == "**" || pattern == "**/*"; }

// True if the source stands for a file or directory that is there with something in it.
bool SelectsAny(const ContextScan& scan, const std::string& source) {
  CopySpec spec;
  spec.sources = {source};
  Selection selection;
  SelectProblem problem;
  if (!SelectSources(ScanView(scan), spec, "", &selection, &problem)) return false;
  for (const SelectedItem& item : selection.items) {
    // A directory stands for what it holds.
    for (const SelectedEntry& entry : item.entries) {
      const bool itself = entry.relative == entry.path.size();
      if (!itself || ScanView::EntryOf(entry.handle).type != EntryType::kDirectory) return true;
    }
  }
  return false;
}

// Cheap and nearly always the answer: the source itself is there, and something below it if it is a
// directory.
bool IsThere(const ContextScan& scan, const std::string& source) {
  const ScanEntry* entry = scan.Find(source == "." ? "" : source);
  if (entry == nullptr) return false;
  const auto index = static_cast<size_t>(entry - scan.entries().data());
  return entry->type != EntryType::kDirectory || entry->end > index + 1;
}

bool IsTold(const std::vector<Diagnostic>& told, const SourceRange& range) {
  return std::any_of(told.begin(), told.end(), [&](const Diagnostic& d) {
    return d.rule == lint::kCopyIgnoredFile.name && d.range.line == range.line &&
           d.range.column == range.column;
  });
}

}  // namespace

std::function<bool(const std::string&)> IgnoredSources(const std::vector<std::string>& patterns) {
  if (patterns.empty()) return nullptr;
  bool all = false;
  std::vector<std::string> anywhere;
  for (const std::string& pattern : patterns) {
    if (absl::StartsWith(pattern, "!")) return nullptr;
    all |= IsAll(pattern);
    if (absl::StartsWith(pattern, "**")) anywhere.push_back(pattern);
  }
  absl::StatusOr<IgnoreMatcher> relative = IgnoreMatcher::Compile(patterns);
  absl::StatusOr<IgnoreMatcher> absolute = IgnoreMatcher::Compile(anywhere);
  if (!relative.ok() || !absolute.ok()) return nullptr;  // said where the context is scanned
  const auto matcher = std::make_shared<IgnoreMatcher>(*std::move(relative));
  const auto matcher_of_absolute = std::make_shared<IgnoreMatcher>(*std::move(absolute));
  return [all, matcher, matcher_of_absolute](const std::string& path) {
    if (all) return true;
    if (path == "." || path == "/") return false;  // the context itself, whatever matches its name
    // BuildKit matches words as they are written: a '/' in front is met only by what begins with "**".
    if (path[0] == '/') return matcher_of_absolute->MatchPath(path.substr(1));
    return matcher->MatchPath(path);
  };
}

void LintIgnoredSources(const PlanStep& step, const ScannedContext& context,
                        const std::vector<Diagnostic>& told, Linter* linter) {
  const CopySpec* copy = std::get_if<CopySpec>(&step.spec);
  if (copy == nullptr || copy->from != "context" || copy->parents || context.ignore->empty()) return;
  for (size_t i = 0; i < copy->sources.size(); ++i) {
    const std::string& source = copy->sources[i];
    const bool remote =
        std::find(copy->remotes.begin(), copy->remotes.end(), static_cast<int>(i)) != copy->remotes.end();
    if (remote || IsThere(*context.scan, source)) continue;
    const SourceRange& range = i < step.source_ranges.size() ? step.source_ranges[i] : step.range;
    if (IsTold(told, range) || (HasWildcard(source) && SelectsAny(*context.scan, source))) continue;
    const size_t count = CountDiskFiles(context.root, source, context.exclude, kCounted);
    if (count == 0) continue;
    const std::string files = count == 1          ? "the file"
                              : count == kCounted ? "all files"
                                                  : absl::StrCat("the ", count, " files");
    linter->Warn(lint::kCopyIgnoredSource, range, step.comments,
                 absl::StrCat("\"", source, "\" copies nothing: ", context.ignore_file, " leaves out ", files,
                              " it stands for"),
                 absl::StrCat("add !", source, " at the end of ", context.ignore_file));
  }
}

std::vector<Diagnostic> LintContext(const Plan& plan, const std::string& file, const ScannedContext& context,
                                    const std::vector<Diagnostic>& told) {
  std::vector<Diagnostic> found;
  Linter linter(file, plan.checks, &found);
  for (const PlanStage& stage : plan.stages) {
    if (context.scan == nullptr) break;
    for (const PlanStep& step : stage.steps) LintIgnoredSources(step, context, told, &linter);
  }
  LintReruns(plan, context, &linter);
  SortFindings(&found);
  return found;
}

}  // namespace kasane
