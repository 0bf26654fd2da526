// The run step: a command on top of the tree below it, found again or executed in a sandbox.
#ifndef KASANE_SRC_STEPS_RUN_H_
#define KASANE_SRC_STEPS_RUN_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// A result is found by the spec and the tree below. A command that fails leaves no result and no record, and
// a Diagnostic has been printed. The process must have one thread only.
absl::StatusOr<StepOutcome> RunRunStep(const RunSpec& spec, const StepContext& context);

// The same, but with no warm tools now and later (run_warm.h).
absl::StatusOr<StepOutcome> RunRunStepCold(const RunSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_H_
