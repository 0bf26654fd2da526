// The times that a RUN is shown when it executes.
#ifndef KASANE_SRC_STEPS_RUN_TIMES_H_
#define KASANE_SRC_STEPS_RUN_TIMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/contract/record.h"
#include "src/store/store.h"

namespace kasane {

// The chain of ReadChain(`records`), but with times that never run backwards along it (soundness.md T3): what
// a RUN has written that was found again, and executed before a step below it was remade, is shown as if it
// had been written after that step, as in a clean build. Whether a result holds is asked of the chain as it
// is: if every time that a RUN saw is as it was then, so is their order.
absl::StatusOr<Chain> ChainAsShown(Store* store, const std::vector<std::string>& records);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_TIMES_H_
