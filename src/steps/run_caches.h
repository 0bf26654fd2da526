// Cache mounts of a RUN: taken when it is executed, remembered with its result.
#ifndef KASANE_SRC_STEPS_RUN_CACHES_H_
#define KASANE_SRC_STEPS_RUN_CACHES_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/contract/spec.h"
#include "src/steps/run_mounts.h"
#include "src/store/caches.h"
#include "src/store/store.h"

namespace kasane {

struct RunCaches {
  std::map<size_t, std::string> paths;                   // what to mount, by index into RunSpec::mounts
  std::vector<std::pair<CacheName, CacheLease>> leases;  // by name
};

// Takes, and makes where there are none, all caches of the spec; may wait for other RUNs, and says so on
// standard error. kInvalidArgument and kNotFound are for the user.
absl::StatusOr<RunCaches> LeaseRunCaches(Store* store, const RunSpec& spec, const RunMounts& mounts);

// Notes beside the result of this key which caches were used.
absl::Status RememberCaches(Store* store, const Digest& key, const RunCaches& caches);

// Whether the result of this key may be used: not if a cache that later RUNs count on (MountSpec::needed) was
// another one then, or was emptied or removed since (soundness.md A13).
bool CachesHold(const Store& store, const Digest& key, const RunSpec& spec, const RunMounts& mounts);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_CACHES_H_
