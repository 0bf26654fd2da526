// The checks that need the context: what is ignored in it, and our own two.
#ifndef KASANE_GENERATOR_LINT_CONTEXT_H_
#define KASANE_GENERATOR_LINT_CONTEXT_H_

#include <functional>
#include <string>
#include <vector>

#include "src/context/ignore.h"
#include "src/context/scan.h"
#include "src/dockerfile/linter.h"
#include "src/plan/plan.h"

namespace kasane {

// PlanOptions::is_ignored for an ignore file's patterns; null if there is nothing to ask.
std::function<bool(const std::string&)> IgnoredSources(const std::vector<std::string>& patterns);

// A context as it was scanned.
struct ScannedContext {
  std::string root;
  const ContextScan* scan = nullptr;  // null: nothing reads the context
  const IgnoreMatcher* ignore = nullptr;
  std::string ignore_file;           // for messages; empty: there is none
  std::vector<std::string> exclude;  // as ScanContext's
};

// CopyIgnoredSource: a source of which everything is ignored, so that nothing is copied or gen fails.
// BuildKit's CopyIgnoredFile says the same only of ignore files without '!', and by their text; what it said
// (`told`) is not said again.
void LintIgnoredSources(const PlanStep& step, const ScannedContext& context,
                        const std::vector<Diagnostic>& told, Linter* linter);

// RunRerunsOften, of the plan's RUNs: commands that read what changes all the time. Seen by their text, so it
// knows only the usual ones: go build beside a .git, chown -R and chmod -R of what was copied, and ARGs that
// hold a commit or a date and stand above RUNs that do not use them.
void LintReruns(const Plan& plan, const ScannedContext& context, Linter* linter);

// Both, of the whole plan, by place.
std::vector<Diagnostic> LintContext(const Plan& plan, const std::string& file, const ScannedContext& context,
                                    const std::vector<Diagnostic>& told);

}  // namespace kasane

#endif  // KASANE_GENERATOR_LINT_CONTEXT_H_
