#include "src/steps/common_report.h"

#include <cstddef>
#include <cstdio>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/diagnostic.h"
#include "src/base/file.h"

namespace kasane {
namespace {

// The place of `word` in the range's first line, if it stands there as a word of its own; else the range.
SourceRange Narrow(const SourceRange& range, absl::string_view source, absl::string_view word) {
  const std::vector<absl::string_view> lines = absl::StrSplit(source, '\n');
  if (word.empty() || range.line < 1 || static_cast<size_t>(range.line) > lines.size()) return range;
  const absl::string_view line = lines[range.line - 1];
  for (size_t at = line.find(word); at != absl::string_view::npos; at = line.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool starts = at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t' || line[at - 1] == '"';
    const bool ends = end == line.size() || line[end] == ' ' || line[end] == '\t' || line[end] == '"';
    if (starts && ends) {
      const int column = static_cast<int>(at) + 1;
      return {range.line, column, range.line, column + static_cast<int>(word.size())};
    }
  }
  return range;
}

}  // namespace

absl::Status ReportStepError(const StepContext& context, absl::string_view message, absl::string_view help,
                             absl::string_view word) {
  const StepOrigin origin = context.origin();
  std::string source;
  if (!origin.dockerfile.empty()) {
    absl::StatusOr<std::string> text = ReadFile(origin.dockerfile);
    if (text.ok()) source = *std::move(text);
  }
  Diagnostic diagnostic;
  // As the user sees it.
  const bool is_known = !source.empty() && !context.directory.empty();
  diagnostic.file = is_known ? CleanPath(JoinPath(context.directory, origin.dockerfile)) : origin.dockerfile;
  diagnostic.range = Narrow(origin.range, source, word);
  diagnostic.message = std::string(message);
  diagnostic.help = std::string(help);
  // Without the file, the instruction's text is all there is to show.
  if (source.empty() && !origin.text.empty()) diagnostic.message = absl::StrCat(origin.text, ": ", message);
  const std::string text = Render(diagnostic, source, /*color=*/false);
  fwrite(text.data(), 1, text.size(), stderr);
  return absl::FailedPreconditionError("");
}

}  // namespace kasane
