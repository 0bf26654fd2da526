// The part of a step in the trace file of `gen --trace=FILE`.
#ifndef KASANE_GENERATOR_STEP_TRACE_H_
#define KASANE_GENERATOR_STEP_TRACE_H_

#include <string>

#include "absl/types/optional.h"
#include "src/base/timeline.h"
#include "src/contract/step.h"

namespace kasane {

// From its construction, in the build directory, to its destruction. Without a trace file it costs one failed
// open.
class StepTrace {
 public:
  explicit StepTrace(const StepContext& context);
  ~StepTrace();
  StepTrace(const StepTrace&) = delete;
  StepTrace& operator=(const StepTrace&) = delete;

 private:
  const std::string file_;
  std::string name_;
  absl::optional<Span> whole_;
};

}  // namespace kasane

#endif  // KASANE_GENERATOR_STEP_TRACE_H_
