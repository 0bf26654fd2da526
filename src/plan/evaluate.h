// AST to plan.
#ifndef KASANE_SRC_PLAN_EVALUATE_H_
#define KASANE_SRC_PLAN_EVALUATE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "src/base/diagnostic.h"
#include "src/dockerfile/ast.h"
#include "src/oci/resolved_image.h"
#include "src/plan/plan.h"

namespace kasane {

// Evaluates a Dockerfile as BuildKit does: the same steps, the same config and history. Users' mistakes, and
// what the resolver says of their images, go to `diagnostics`; evaluation stops at the first error, and then
// the status is not OK: the resolver's code if it was that, else kInvalidArgument; its message repeats the
// diagnostic's. Warnings are in `diagnostics` and in the plan.
//
// The epoch is the build argument SOURCE_DATE_EPOCH; without one, options.epoch counts as that argument (so
// does the environment variable for docker buildx); else it is the default of a global ARG of that name.
absl::StatusOr<Plan> Evaluate(const DockerfileAst& ast, const PlanOptions& options, ImageResolver* resolver,
                              std::vector<Diagnostic>* diagnostics);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_EVALUATE_H_
