// The image step: config, manifest, and the OCI layout <dir>/out/oci.
#ifndef KASANE_SRC_STEPS_IMAGE_H_
#define KASANE_SRC_STEPS_IMAGE_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// args.source: as ImageSpec says. It is quick and has no key: documents are made anew, blobs are linked.
absl::StatusOr<StepOutcome> RunImageStep(const ImageSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_IMAGE_H_
