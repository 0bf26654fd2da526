// The checks of FROM lines, which need the global ARGs and nothing else.
#ifndef KASANE_SRC_PLAN_LINT_FROM_H_
#define KASANE_SRC_PLAN_LINT_FROM_H_

#include "src/dockerfile/ast.h"
#include "src/dockerfile/linter.h"
#include "src/oci/reference.h"
#include "src/plan/env_list.h"
#include "src/plan/image_config.h"
#include "src/plan/plan.h"

namespace kasane {

// InvalidDefaultArgInFrom: whatever --build-arg gives, the defaults must do.
void LintDefaultBases(const DockerfileAst& ast, const PlanOptions& options, Linter* linter);

// UndefinedArgInFrom, RedundantTargetPlatform, FromPlatformFlagConstDisallowed, up to the first FROM that has
// no name or platform after expansion. `global` is what FROM sees.
void LintFroms(const DockerfileAst& ast, const EnvList& global, Linter* linter);

// InvalidBaseImagePlatform. `name`: what the file says of the image.
void LintBasePlatform(const Word& name, const Platform& wanted, const ImageConfig& image, Linter* linter);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_LINT_FROM_H_
