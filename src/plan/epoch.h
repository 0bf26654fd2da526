// What SOURCE_DATE_EPOCH means when it is no number.
#ifndef KASANE_SRC_PLAN_EPOCH_H_
#define KASANE_SRC_PLAN_EPOCH_H_

#include "src/dockerfile/ast.h"
#include "src/plan/arguments.h"
#include "src/plan/plan.h"
#include "src/plan/report.h"

namespace kasane {

inline constexpr char kEpochName[] = "SOURCE_DATE_EPOCH";

// Puts a number in its place in `arguments`: a number as it is, "context" the time of the main context, else
// a named context's, or that of a stage which is FROM scratch and has nothing but ARGs and one ADD of one URL
// or repository. What has no time is no epoch, and the argument disappears. `range`: of the ARG that gives
// it. False: reported.
bool ReadEpoch(const DockerfileAst& ast, const PlanOptions& options, const SourceRange& range, Report* report,
               Arguments* arguments);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_EPOCH_H_
