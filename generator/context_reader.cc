#include "generator/context_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "generator/ninja_writer.h"
#include "src/base/file.h"
#include "src/base/timeline.h"
#include "src/context/context_state.h"
#include "src/contract/mount_sources.h"

namespace kasane {

ContextReader::ContextReader(std::string name, std::string root, const ParsedFile& file, Messages* messages)
    : name_(std::move(name)),
      root_(std::move(root)),
      file_(file),
      layout_(file.layout),
      messages_(messages) {}

bool ContextReader::Scan(const std::vector<std::string>& outputs) {
  absl::StatusOr<IgnoreFile> ignore = ReadIgnoreFile(name_.empty() ? layout_.dockerfile : "", root_);
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
  exclude_ = OwnFilesInContext(layout_, root_, outputs);
  Span span("scan");
  absl::StatusOr<ContextScan> scan = ScanContext(root_, matcher_, exclude_);
  if (!scan.ok()) return Fail(scan.status());
  scan_ = *std::move(scan);
  span.Count(scan_.entries().size(), "entries");
  return true;
}

ContextBinding ContextReader::Binding() const {
  return {layout_.FromBuildDir(root_), ignore_.patterns, exclude_};
}

ScannedContext ContextReader::Scanned() const {
  return {root_, &scan_, &matcher_, ignore_.path.empty() ? "" : ShownIgnoreFile(), exclude_};
}

bool ContextReader::Select(const PlanStep& step, const std::string& record, ContextInputs* inputs) const {
  Selection selection;
  SelectProblem problem;
  if (!SelectOf(step, &selection, &problem)) {
    Diagnostic error = SelectError(file_, step, problem);
    bool ignored = !problem.missing.empty() && matcher_.MatchPath(problem.missing) &&
                   PathExists(JoinPath(root_, problem.missing));
    if (ignored) error.help = absl::StrCat("it is left out by ", ShownIgnoreFile());
    messages_->Add(error, file_.text);
    return false;
  }
  std::vector<const ScanEntry*> entries = SelectedInputs(scan_, selection);
  const bool is_run = std::holds_alternative<RunSpec>(step.spec);
  absl::StatusOr<std::string> salt =
      ChooseSalt(is_run ? MountStateRecord(record, name_) : record, root_, entries);
  if (!salt.ok()) return Fail(salt.status());
  inputs->salt = *std::move(salt);
  for (const ScanEntry* entry : entries) {
    if (entry->type == EntryType::kFile) AddFile(entry->path, inputs);
  }
  return true;
}

bool ContextReader::SelectOf(const PlanStep& step, Selection* selection, SelectProblem* problem) const {
  const std::string shown = name_.empty() ? "the build context" : absl::StrCat("context \"", name_, "\"");
  if (const auto* copy = std::get_if<CopySpec>(&step.spec)) {
    return SelectSources(ScanView(scan_), *copy, shown, selection, problem);
  }
  const MountSources mounts = ContextMountSources(std::get<RunSpec>(step.spec))[name_];
  if (SelectPaths(ScanView(scan_), mounts.sources, shown, selection, problem)) return true;
  problem->source = mounts.mounts[problem->source];
  return false;
}

void ContextReader::AddDepends(std::vector<std::string>* depends) const {
  for (const std::string& directory : scan_.directories()) {
    depends->push_back(directory.empty() ? root_ : JoinPath(root_, directory));
  }
  // Files that are looked for and absent come with a new mtime of their directory.
  depends->push_back(root_);
  if (!ignore_.path.empty()) depends->push_back(AbsolutePath(ignore_.path));
}

bool ContextReader::Fail(const absl::Status& status) const {
  messages_->Error(status.message());
  return false;
}

std::string ContextReader::ShownIgnoreFile() const {
  return name_.empty() ? RelativePath(AbsolutePath(ignore_.path), root_)
                       : absl::StrCat("the ", Basename(ignore_.path), " of context \"", name_, "\"");
}

// What ninja cannot name is covered by the salt alone.
void ContextReader::AddFile(const std::string& path, ContextInputs* inputs) const {
  if (!NinjaCanName(path)) return;
  std::string absolute = JoinPath(root_, path);
  std::string seen = layout_.FromBuildDir(absolute);
  inputs->files.push_back(IsTargetName(seen) ? absolute : seen);
}

Diagnostic SelectError(const ParsedFile& file, const PlanStep& step, const SelectProblem& problem) {
  Diagnostic error;
  error.file = file.ast.file;
  error.range = problem.source < step.source_ranges.size() ? step.source_ranges[problem.source] : step.range;
  error.message = problem.message;
  error.help = problem.help;
  return error;
}

}  // namespace kasane
