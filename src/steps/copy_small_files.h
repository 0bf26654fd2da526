// Where COPY puts the contents of small files that are new to the store. A few become blobs of their own; of
// many, a file each would cost more than all else that COPY does, so they become one pack.
#ifndef KASANE_SRC_STEPS_COPY_SMALL_FILES_H_
#define KASANE_SRC_STEPS_COPY_SMALL_FILES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "src/base/digest.h"
#include "src/store/store.h"

namespace kasane {

inline constexpr size_t kSmallFile = 64 << 10;

// Thread safe.
class SmallFiles {
 public:
  explicit SmallFiles(Store* store) : store_(store) {}

  absl::Status Put(const Digest& digest, std::string content);
  // Before it, what was put may not be in the store.
  absl::Status Finish();

 private:
  absl::Status AddToPack(const Digest& digest, absl::string_view content)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Store* const store_;
  absl::Mutex mutex_;
  absl::flat_hash_set<Digest> known_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<Digest, std::string>> few_ ABSL_GUARDED_BY(mutex_);
  absl::optional<PackWriter> pack_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COPY_SMALL_FILES_H_
