// An ignore file's text, a blank line, then paths: whatever they hold, compiling and matching end, a path is
// ignored exactly if a walk down to it says so, and nothing that pruning leaves out was to be kept, but for
// what "!x/*/**" takes back: BuildKit's walk does not look there (golden case
// ignore/exception-of-two-levels).
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/context/glob.h"
#include "src/context/ignore.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t split = input.find("\n\n");
  kasane::IgnoreFile file;
  kasane::ParseIgnoreFile(input.substr(0, split), &file);
  const absl::optional<kasane::Diagnostic> problem = kasane::CheckIgnoreFile(file);
  const absl::StatusOr<kasane::IgnoreMatcher> matcher = kasane::IgnoreMatcher::Compile(file.patterns);
  if (matcher.ok() == problem.has_value()) abort();
  if (!matcher.ok() || split == absl::string_view::npos) return 0;
  bool is_lost = false;
  for (const std::string& pattern : file.patterns) {
    is_lost |= absl::StartsWith(pattern, "!") && absl::EndsWith(pattern, "/*/**");
  }
  for (absl::string_view line : absl::StrSplit(input.substr(split), '\n', absl::SkipEmpty())) {
    const std::string path = kasane::CleanPath("/" + std::string(line)).substr(1);
    if (path.empty()) continue;
    const bool ignored = matcher->MatchPath(path);
    kasane::IgnoreMatcher::State parent, state;
    bool pruned = false, matched = false;
    for (size_t end = 0; end != std::string::npos;) {
      end = path.find('/', end + 1);
      const absl::string_view prefix = absl::string_view(path).substr(0, end);
      matched = matcher->Match(prefix, parent, &state);
      parent = state;
      if (end != std::string::npos && matched && matcher->CanPrune(prefix)) pruned = true;
    }
    if (matched != ignored || (pruned && !ignored && !is_lost)) abort();
    for (const std::string& pattern : file.patterns) kasane::MatchGlob(pattern, path);
  }
  return 0;
}
