// The push step: an image of the store to registries. All of it happens in gen-net.
#ifndef KASANE_SRC_STEPS_PUSH_H_
#define KASANE_SRC_STEPS_PUSH_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// Does not return if it started gen-net.
absl::StatusOr<StepOutcome> RunPushStep(const PushSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_PUSH_H_
