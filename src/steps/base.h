// The base step: the tree of a base image, composed from the deltas of its layers and kept as one tree file
// that refers to no other. So whatever is built on the image loads it in under a millisecond, and equal
// layers give an equal record. The tree of an image that another build makes comes of that one's record.
#ifndef KASANE_SRC_STEPS_BASE_H_
#define KASANE_SRC_STEPS_BASE_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

absl::StatusOr<StepOutcome> RunBaseStep(const BaseSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_BASE_H_
