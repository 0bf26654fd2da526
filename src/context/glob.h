// Wildcards as Go's path/filepath.Match understands them on Unix, for COPY sources and for checking ignore
// patterns.
#ifndef KASANE_SRC_CONTEXT_GLOB_H_
#define KASANE_SRC_CONTEXT_GLOB_H_

#include "absl/strings/string_view.h"

namespace kasane {

enum class GlobResult { kNoMatch, kMatch, kBadPattern };

// Matches all of `name`. '*' is any run of bytes but '/', '?' one character (UTF-8) but '/', "[a-z]" and
// "[^a-z]" one character of (not of) the class, '/' included, '\' takes the next character as it is. A
// pattern is bad (unclosed class, lone '\' at its end, class without bounds), whether or not the bad part is
// reached.
GlobResult MatchGlob(absl::string_view pattern, absl::string_view name);

// True if `pattern` holds '*', '?' or '[' that no '\' stands before.
bool HasWildcard(absl::string_view pattern);

}  // namespace kasane

#endif  // KASANE_SRC_CONTEXT_GLOB_H_
