// Which checks are made: the value of `# check=`, of the build argument BUILDKIT_DOCKERFILE_CHECK, and of
// comments above an instruction.
#ifndef KASANE_SRC_DOCKERFILE_CHECK_OPTIONS_H_
#define KASANE_SRC_DOCKERFILE_CHECK_OPTIONS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/dockerfile/ast.h"

namespace kasane {

struct CheckOptions {
  bool skip_all = false;          // but for experimental rules
  bool experimental_all = false;  // experimental rules are off unless named
  bool error = false;             // a finding of BuildKit's rules fails the build
  std::set<std::string> skip;
  std::set<std::string> experimental;

  // These, and what the first comment of the form "check=..." takes away or adds for one instruction;
  // `error` stays. A comment that cannot be read counts for nothing (as in BuildKit).
  CheckOptions With(const std::vector<Word>& comments) const;
};

// The value of the first comment of the form "check=..."; empty: there is none.
struct CheckComment {
  absl::string_view value;
  SourceRange range;
};
CheckComment FindCheckComment(const std::vector<Word>& comments);

// The names of rules in the options `text`, which stand at `range` in the file, "all" left out.
std::vector<Word> RulesNamedIn(absl::string_view text, const SourceRange& range);

// "skip=A,B;error=true;experimental=all", parts in any order, at most three. Unknown names of rules are
// taken, as BuildKit takes them (LintRuleNames warns). False: `error` says which part is wrong; `out` is
// unspecified.
bool ParseCheckOptions(absl::string_view text, CheckOptions* out, std::string* error);
// What the file's `# check=` says, "" if it has none. What stands behind a blank there, and in comments, is a
// remark.
absl::string_view CheckDirectiveText(const DockerfileAst& ast);
// ParseCheckOptions of it.
bool ParseCheckDirective(const DockerfileAst& ast, CheckOptions* out, std::string* error);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_CHECK_OPTIONS_H_
