// What the first execution of a project leaves in a tool's caches is nothing that the image needs, and often
// more than all the rest. So it is set aside as it is, directories and all, and read when the next execution
// is offered it: a first build does not wait for it.
//
// In the store it is the directory UnreadWarmCaches() names, with one directory for each of the regions, by
// number. It comes and goes by rename: half of a cache would be believed by its tool.
#ifndef KASANE_SRC_STEPS_RUN_ASIDE_H_
#define KASANE_SRC_STEPS_RUN_ASIDE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "src/steps/run_warm.h"
#include "src/store/store.h"
#include "src/store/warm_states.h"
#include "src/trace/profile.h"
#include "src/trace/trace.h"

namespace kasane {

// Takes the regions of states that hold nothing yet out of `upper`, where empty directories stand for them
// from now on; the offer has them aside. Does nothing if HarvestWarmCaches would not keep them, as far as
// `processes` and the names in upper tell, or if this process is not the machine's root, to whom alone owners
// are what they were.
void SetAside(Store* store, const Profiles& profiles, const std::vector<TracedProcess>& processes,
              const std::string& upper, WarmOffer* offer);

// What is aside becomes the state's unread caches; if it has some already, it is read at once.
absl::Status KeepUnread(Store* store, WarmCaches* caches);

// Whether the state has unread caches, with something of the region of that number.
bool HasUnread(const Store& store, const Digest& state, size_t region);
// Adds a state's unread caches to its tree, if it has some; saves it. Waits for others who are about to.
absl::Status TakeInUnread(Store* store, const std::vector<std::string>& regions, WarmState* state);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_ASIDE_H_
