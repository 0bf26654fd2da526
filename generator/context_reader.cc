#include "generator/context_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "generator/ninja_writer.h"
#include "src/base/file.h"
#include "src/base/timeline.h"
#include "src/context/context_state.h"
#include "src/context/generated.h"
#include "src/contract/mount_sources.h"

namespace kasane {

ContextReader::ContextReader(std::string name, std::string root, std::vector<std::string> generated,
                             const ParsedFile& file, Messages* messages)
    : name_(std::move(name)),
      root_(std::move(root)),
      generated_(std::move(generated)),
      file_(file),
      layout_(file.layout),
      seen_root_(layout_.FromBuildDir(root_)),
      messages_(messages) {}

bool ContextReader::Open(const std::vector<std::string>& outputs) {
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
  return true;
}

bool ContextReader::ScanWhole() {
  if (scanned_) return true;
  Span span("scan");
  absl::StatusOr<ContextScan> scan = ScanAll(root_, matcher_, exclude_, generated_);
  if (!scan.ok()) return Fail(scan.status());
  scan_ = *std::move(scan);
  span.Count(scan_.entries().size(), "entries");
  return scanned_ = true;
}

ContextBinding ContextReader::Binding() const {
  return {layout_.FromBuildDir(root_), ignore_.patterns, exclude_, generated_};
}

ScannedContext ContextReader::Scanned() const {
  if (!scanned_) return {};
  return {root_, &scan_, &matcher_, ignore_.path.empty() ? "" : ShownIgnoreFile(), exclude_};
}

bool ContextReader::Select(const PlanStep& step, const std::string& record, ContextInputs* inputs) {
  const std::vector<std::string> words = WordsOf(step);
  const absl::optional<ContextScan> files = ScanGenerated(root_, matcher_, generated_, words);
  if (!files.has_value()) {
    if (!ScanWhole()) return false;
    AddGenerated(root_, matcher_, ExpectedPaths(generated_, words), &scan_);
  }
  const ContextScan& scan = files.has_value() ? *files : scan_;
  Selection selection;
  SelectProblem problem;
  if (!SelectOf(step, scan, &selection, &problem)) {
    Diagnostic error = SelectError(file_, step, problem);
    bool ignored = !problem.missing.empty() && matcher_.MatchPath(problem.missing) &&
                   PathExists(JoinPath(root_, problem.missing));
    if (ignored) error.help = absl::StrCat("it is left out by ", ShownIgnoreFile());
    messages_->Add(error, file_.text);
    return false;
  }
  std::vector<const ScanEntry*> entries = SelectedInputs(scan, selection);
  const bool is_run = std::holds_alternative<RunSpec>(step.spec);
  absl::StatusOr<std::string> salt =
      ChooseSalt(is_run ? MountStateRecord(record, name_) : record, root_, entries);
  if (!salt.ok()) return Fail(salt.status());
  inputs->salt = *std::move(salt);
  std::vector<std::string> paths;
  for (const ScanEntry* entry : entries) {
    // Of what is not there yet below a generated directory ninja knows the directory alone.
    const bool known =
        !entry->absent || std::binary_search(generated_.begin(), generated_.end(), entry->path);
    if (entry->type == EntryType::kFile && known) AddFile(entry->path, inputs);
    if (!generated_.empty()) paths.push_back(entry->path);
  }
  const std::vector<std::string> directories = DirectoriesBehind(generated_, words, paths);
  for (const std::string& directory : directories) AddFile(directory, inputs);
  if (!directories.empty()) {
    std::sort(inputs->files.begin(), inputs->files.end());
    inputs->files.erase(std::unique(inputs->files.begin(), inputs->files.end()), inputs->files.end());
  }
  return true;
}

std::vector<std::string> ContextReader::WordsOf(const PlanStep& step) const {
  if (const auto* copy = std::get_if<CopySpec>(&step.spec)) return LocalWords(*copy);
  return ContextMountSources(std::get<RunSpec>(step.spec))[name_].sources;
}

bool ContextReader::SelectOf(const PlanStep& step, const ContextScan& scan, Selection* selection,
                             SelectProblem* problem) const {
  const std::string shown = name_.empty() ? "the build context" : absl::StrCat("context \"", name_, "\"");
  if (const auto* copy = std::get_if<CopySpec>(&step.spec)) {
    return SelectSources(ScanView(scan), *copy, shown, selection, problem);
  }
  const MountSources mounts = ContextMountSources(std::get<RunSpec>(step.spec))[name_];
  if (SelectPaths(ScanView(scan), mounts.sources, shown, selection, problem)) return true;
  problem->source = mounts.mounts[problem->source];
  return false;
}

void ContextReader::AddDepends(std::vector<std::string>* depends) const {
  if (!ignore_.path.empty()) depends->push_back(AbsolutePath(ignore_.path));
  // Of a directory that a compiler works in the mtime says nothing as long as only what it makes is read.
  if (!scanned_) return;
  for (const std::string& directory : scan_.directories()) {
    depends->push_back(directory.empty() ? root_ : JoinPath(root_, directory));
  }
  // Files that are looked for and absent come with a new mtime of their directory.
  std::string existing = root_;
  while (!PathExists(existing)) existing = std::string(Dirname(existing));
  depends->push_back(existing);
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
  // Below a root that is not above the build directory all names begin as the root's does.
  std::string seen = seen_root_ == "."                    ? path
                     : absl::StartsWith(seen_root_, "..") ? layout_.FromBuildDir(absolute)
                                                          : JoinPath(seen_root_, path);
  inputs->files.push_back(IsTargetName(seen) ? std::move(absolute) : std::move(seen));
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
