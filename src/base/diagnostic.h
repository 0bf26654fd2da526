// What users wrote and got wrong: a place in their file, what is wrong, what to do about it.
#ifndef KASANE_SRC_BASE_DIAGNOSTIC_H_
#define KASANE_SRC_BASE_DIAGNOSTIC_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

// A range of a text file. Lines and columns count from 1; columns count bytes; the end column is exclusive.
// Line 0 means "the file as a whole".
struct SourceRange {
  int line = 0;
  int column = 0;
  int end_line = 0;
  int end_column = 0;
};

enum class Severity { kError, kWarning };

struct Diagnostic {
  Severity severity = Severity::kError;
  std::string file;  // as the user named it; empty: no file (a command line, a registry)
  SourceRange range;
  std::string message;  // lower-case, one line, no final period
  std::string help;     // one line, may be empty
  std::string rule;     // the check's name (StageNameCasing), empty for errors
};

// "file:line:column: error: message", the source line, a caret line (^~~~ under the range) and "  help: ...",
// each ending in a newline. `source` is the whole text of the file (empty: no source line is shown). Tabs are
// kept in the caret line, so that it lines up. `color`: ANSI colours.
std::string Render(const Diagnostic& diagnostic, absl::string_view source, bool color);

// The candidate closest to `word` within an edit distance of max(1, size/3), for did-you-mean; empty if none.
// Case-insensitive. Ties: the first.
std::string ClosestMatch(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_DIAGNOSTIC_H_
