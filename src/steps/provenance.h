// The provenance step: a statement of what an image was made of, down to the files that each RUN read.
#ifndef KASANE_SRC_STEPS_PROVENANCE_H_
#define KASANE_SRC_STEPS_PROVENANCE_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// Has no key: it runs only if a record that it reads has changed, or what a RUN read.
absl::StatusOr<StepOutcome> RunProvenanceStep(const ProvenanceSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_PROVENANCE_H_
