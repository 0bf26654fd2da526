// What an execution leaves in a warm tool's caches (src/steps/run_warm.h) is taken out of its upper directory
// as it is, directories and all, and becomes a layer of the tool's state: nothing of it is read or hashed. It
// comes and goes by rename: half of a cache would be believed by its tool.
#ifndef KASANE_SRC_STEPS_RUN_HARVEST_H_
#define KASANE_SRC_STEPS_RUN_HARVEST_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "src/steps/run_warm.h"
#include "src/store/store.h"
#include "src/trace/profile.h"
#include "src/trace/trace.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

// To be called when the execution has succeeded, before anybody looks into its upper directory
// (SandboxOptions:: on_success): takes the caches out of it, where empty directories stand for them from now
// on, or sets offer->unfit and takes nothing. `started`: when the execution did; nothing under an epoch,
// where times do not tell what is new.
void TakeWarmCaches(Store* store, const Profiles& profiles, const std::vector<TracedProcess>& processes,
                    const std::string& upper, absl::optional<absl::Time> started, WarmOffer* offer);

// Keeps what was taken for the next execution, and puts gaps into `delta` in its place.
// kCancelled, with a reason for people, and nothing done: none of it may be kept.
absl::Status HarvestWarmCaches(Store* store, const Tree& below, WarmOffer* offer, Delta* delta,
                               std::vector<std::string>* gaps);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_HARVEST_H_
