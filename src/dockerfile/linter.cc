#include "src/dockerfile/linter.h"

namespace kasane {

bool WantsRule(const CheckOptions& options, const LintRule& rule) {
  const std::string name(rule.name);
  // As in BuildKit: an experimental rule is either named or off, and skip= does not reach it.
  if (rule.experimental) return options.experimental_all || options.experimental.count(name) > 0;
  return !options.skip_all && options.skip.count(name) == 0;
}

void Linter::Warn(const LintRule& rule, const SourceRange& range, const std::vector<Word>& comments,
                  std::string message, std::string help) {
  if (comments.empty()) {
    WarnWith(options_, rule, range, std::move(message), std::move(help));
  } else {
    WarnWith(options_.With(comments), rule, range, std::move(message), std::move(help));
  }
}

void Linter::WarnWith(const CheckOptions& options, const LintRule& rule, const SourceRange& range,
                      std::string message, std::string help) {
  if (!WantsRule(options, rule)) return;
  if (!rule.own) violations_.emplace(rule.name);
  out_->push_back({Severity::kWarning, range.line > 0 ? file_ : "", range, std::move(message),
                   std::move(help), std::string(rule.name)});
}

}  // namespace kasane
