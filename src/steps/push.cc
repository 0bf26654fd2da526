#include "src/steps/push.h"

#include "src/steps/common_gen_net.h"

namespace kasane {

absl::StatusOr<StepOutcome> RunPushStep(const PushSpec&, const StepContext& context) {
  return ExecGenNet(context);
}

}  // namespace kasane
