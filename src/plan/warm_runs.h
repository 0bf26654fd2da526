// Which RUNs may be offered warm tools.
#ifndef KASANE_SRC_PLAN_WARM_RUNS_H_
#define KASANE_SRC_PLAN_WARM_RUNS_H_

#include "src/plan/plan.h"

namespace kasane {

// Sets RunSpec::warm of the RUNs whose layers reach no image: those of stages that the target is not built
// FROM. Not of a RUN without a network, which must fail where a clean one would lack something, nor of one
// that mounts a stage.
void MarkWarmRuns(Plan* plan);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_WARM_RUNS_H_
