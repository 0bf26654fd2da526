#include "src/plan/words.h"

#include "src/base/utf8.h"

namespace kasane {

bool ExpandAt(absl::string_view text, const SourceRange& range, const EnvList& env,
              const ExpandOptions& options, Report* report, Expansion* out) {
  ExpandError error;
  const auto lookup = [&env](absl::string_view name) { return env.Get(name); };
  if (Expand(text, lookup, options, out, &error)) {
    // BuildKit expands character by character.
    out->text = ReplaceStrayBytes(out->text);
    for (ExpandedWord& word : out->words) word.text = ReplaceStrayBytes(word.text);
    return true;
  }
  SourceRange at = range;
  // The exact place, where the text stands in the file byte by byte.
  const bool literal =
      range.line == range.end_line && range.end_column - range.column == static_cast<int>(text.size());
  if (literal && error.offset < text.size()) at.column += static_cast<int>(error.offset);
  return report->Error(at, error.message);
}

}  // namespace kasane
