// The plan as JSON, for `gen dump plan`, tools and tests.
//
// {"target": index, "stages": [STAGE], "warnings": [{"message", "help", "rule"}]}
// STAGE: {"index", "name", "id", "range", "parent": index into stages, "base": {"reference", "manifest",
// "layers":
//   [digest of the blob]}, "steps": [{"kind": "copy", "text", "range", "source_stage": index, "spec": SPEC}],
//   "image": SPEC}
// SPEC is the spec of the edge contract, member by member. "range" is as in DumpAst. "parent", "base", "name"
// and "source_stage" are left out where there is none; a stage with neither parent nor base is made FROM
// scratch.
#ifndef KASANE_SRC_PLAN_DUMP_PLAN_H_
#define KASANE_SRC_PLAN_DUMP_PLAN_H_

#include "src/base/json.h"
#include "src/plan/plan.h"

namespace kasane {

Json DumpPlan(const Plan& plan);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_DUMP_PLAN_H_
