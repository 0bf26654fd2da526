// Where findings of the checks go, unless the file's author does not want them.
#ifndef KASANE_SRC_DOCKERFILE_LINTER_H_
#define KASANE_SRC_DOCKERFILE_LINTER_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/dockerfile/ast.h"
#include "src/dockerfile/check_options.h"
#include "src/dockerfile/lint_rules.h"

namespace kasane {

class Linter {
 public:
  Linter(std::string file, CheckOptions options, std::vector<Diagnostic>* out)
      : file_(std::move(file)), options_(std::move(options)), out_(out) {}

  // Adds a warning at the exact place (line 0: of the command line).
  void Warn(const LintRule& rule, const SourceRange& range, std::string message, std::string help) {
    WarnWith(options_, rule, range, std::move(message), std::move(help));
  }
  // The same for an instruction, whose comments may switch the rule off.
  void Warn(const LintRule& rule, const SourceRange& range, const std::vector<Word>& comments,
            std::string message, std::string help);

  const CheckOptions& options() const { return options_; }
  // The names of BuildKit's rules that were broken. With options().error they fail the build.
  const std::set<std::string>& violations() const { return violations_; }

 private:
  void WarnWith(const CheckOptions& options, const LintRule& rule, const SourceRange& range,
                std::string message, std::string help);

  std::string file_;
  CheckOptions options_;
  std::vector<Diagnostic>* out_;
  std::set<std::string> violations_;
};

// True if `options` let a finding of the rule through.
bool WantsRule(const CheckOptions& options, const LintRule& rule);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_LINTER_H_
