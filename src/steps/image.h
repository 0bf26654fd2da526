// The image and index steps: config, manifest or index, and the OCI layout <dir>/out/oci.
#ifndef KASANE_SRC_STEPS_IMAGE_H_
#define KASANE_SRC_STEPS_IMAGE_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// args.source: as the specs say. They are quick and have no key: documents are made anew, blobs are linked.
absl::StatusOr<StepOutcome> RunImageStep(const ImageSpec& spec, const StepContext& context);
absl::StatusOr<StepOutcome> RunIndexStep(const IndexSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_IMAGE_H_
