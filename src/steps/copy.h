// COPY: puts files of a context or of another stage's tree into this stage.
#ifndef KASANE_SRC_STEPS_COPY_H_
#define KASANE_SRC_STEPS_COPY_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// --below: the records below in the stage; --source: for `from` "stage", the chain of that stage's tree.
// Writes, for a context, "<out>.inputs" (context_state.h) before the record.
//
// The result's key holds the spec, what was selected (no mtimes), the owner that --chown means and what was
// met at the destination. A hit gives the record that was made first, old times included: a touch alone
// executes nothing. When it does execute, files take their present mtimes; but a delta that differs from the
// old record's in times only leaves that record in place. With --fresh no result is looked up.
absl::StatusOr<StepOutcome> RunCopyStep(const CopySpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COPY_H_
