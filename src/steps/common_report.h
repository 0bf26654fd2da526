// How a step tells the user that the Dockerfile cannot be followed.
#ifndef KASANE_SRC_STEPS_COMMON_REPORT_H_
#define KASANE_SRC_STEPS_COMMON_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "src/contract/step.h"

namespace kasane {

// Prints a Diagnostic on standard error: the instruction that this step came from, a caret under it (under
// `word`, if that stands in its first line), message and help. The status to return: not OK, with an empty
// message, which says that all has been said.
absl::Status ReportStepError(const StepContext& context, absl::string_view message,
                             absl::string_view help = "", absl::string_view word = "");

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COMMON_REPORT_H_
