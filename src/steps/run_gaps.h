// Makes the trees below a step those of a clean build.
#ifndef KASANE_SRC_STEPS_RUN_GAPS_H_
#define KASANE_SRC_STEPS_RUN_GAPS_H_

#include "absl/status/status.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// Executes each RUN of the step's --below and --source that was executed with warm tools again, without them,
// and replaces its record. From then on it is offered none.
absl::Status FillGaps(const Spec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_GAPS_H_
