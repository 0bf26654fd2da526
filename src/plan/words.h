// Expansion of an AST's words with errors reported at their place.
#ifndef KASANE_SRC_PLAN_WORDS_H_
#define KASANE_SRC_PLAN_WORDS_H_

#include <string>

#include "src/dockerfile/ast.h"
#include "src/dockerfile/expand.h"
#include "src/plan/env_list.h"
#include "src/plan/report.h"

namespace kasane {

bool ExpandAt(absl::string_view text, const SourceRange& range, const EnvList& env,
              const ExpandOptions& options, Report* report, Expansion* out);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_WORDS_H_
