// The files of a commit, for ADD.
#ifndef KASANE_SRC_STEPS_GIT_H_
#define KASANE_SRC_STEPS_GIT_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// A commit does not change: once its files are in the store nobody is asked again. Files have the modes 0644
// and 0755, owner 0:0, and, unless the spec says otherwise, the time of the checkout. A `.git` directory that
// is kept is as BuildKit leaves it, but its index knows nothing of this machine's files (git finds out
// again), so that two checkouts are the same. Nothing outside of a scratch directory is written.
absl::StatusOr<StepOutcome> RunGitStep(const GitSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_GIT_H_
