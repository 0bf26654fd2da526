// The archive step: <dir>/out/image.tar (or --dest), for docker load, podman load and skopeo.
#ifndef KASANE_SRC_STEPS_ARCHIVE_H_
#define KASANE_SRC_STEPS_ARCHIVE_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// args.source: the image's record. The record that ninja sees repeats it; the tar itself is out of ninja's
// sight, for nothing depends on it.
absl::StatusOr<StepOutcome> RunArchiveStep(const ArchiveSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_ARCHIVE_H_
