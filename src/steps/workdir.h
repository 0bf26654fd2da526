// WORKDIR: makes the directory if it is missing.
#ifndef KASANE_SRC_STEPS_WORKDIR_H_
#define KASANE_SRC_STEPS_WORKDIR_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// --below: the records below in the stage. Links in the path are followed; whatever is missing of it is made,
// 0755 and owned by USER (an unknown name: 0:0, as in BuildKit); what is there stays as it is. A directory
// that exists gives an empty delta. The result's key holds spec, owner and what was met on the path.
absl::StatusOr<StepOutcome> RunWorkdirStep(const WorkdirSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_WORKDIR_H_
