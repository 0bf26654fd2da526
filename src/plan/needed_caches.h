// Which caches a later RUN of the plan counts on.
#ifndef KASANE_SRC_PLAN_NEEDED_CACHES_H_
#define KASANE_SRC_PLAN_NEEDED_CACHES_H_

#include "src/plan/plan.h"

namespace kasane {

// Sets MountSpec::needed of each cache mount whose cache a RUN after it mounts too (soundness.md A13: a
// result whose cache was emptied since would leave that RUN without what it expects there).
void MarkNeededCaches(Plan* plan);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_NEEDED_CACHES_H_
