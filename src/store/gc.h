// Garbage collection: what no recently used result leads to is removed.
//
// Kept are: results that were made or found within `unused_for`; every digest that such a result's JSON names
// ("sha256:<hex>"): blobs and packs; if a named blob is a delta or a tree file, the contents of its files and
// the tree files that it refers to; and whatever is younger than `grace`, for a build may have been stopped
// before its result; and what a container that runs needs.
#ifndef KASANE_SRC_STORE_GC_H_
#define KASANE_SRC_STORE_GC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "src/store/store.h"

namespace kasane {

struct GcPolicy {
  absl::Duration unused_for = absl::Hours(30 * 24);
  absl::Duration grace = absl::Hours(1);
  bool dry_run = false;  // count, but remove nothing
};

struct GcReport {
  int64_t results_removed = 0;
  int64_t blobs_removed = 0;
  int64_t packs_removed = 0;
  int64_t bytes_removed = 0;  // of blobs and packs
  int64_t bytes_kept = 0;
};

// Takes the store for itself: kUnavailable if another process (or another Store object) uses it. If anything
// is removed, the store's generation changes first, so that a kill in the middle leaves no record that is
// trusted wrongly.
absl::StatusOr<GcReport> CollectGarbage(Store* store, const GcPolicy& policy);

// For a process that reads of the store as long as a container runs: from now on `store` does not keep a
// collection from running, which keeps what `digests` lead to, as long as the file is there. `directory`: of
// the container, containers/NAME in the store's. The file is called "uses": {"version":1,"digests":[..]}.
absl::Status KeepWhileUsed(Store* store, const std::string& directory, const std::vector<Digest>& digests);
absl::Status NoLongerUsed(const std::string& directory);

}  // namespace kasane

#endif  // KASANE_SRC_STORE_GC_H_
