// The layer step: the tar of one delta, or of several as one, compressed, as a blob.
//
// A result is found again by what the tar will say (layer_delta.h: the resolved delta, which knows nothing of
// times below a second, nor of the tree below beyond the metadata that the tar repeats) and by how it is
// compressed.
#ifndef KASANE_SRC_STEPS_LAYER_H_
#define KASANE_SRC_STEPS_LAYER_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// args.source: the records of the steps whose deltas they are; args.below: the records below the first.
absl::StatusOr<StepOutcome> RunLayerStep(const LayerSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_LAYER_H_
