// The times that a RUN with a cache mount is shown (soundness.md T4).
//
// What a cache holds has times of earlier executions, and tools compare them with those of the files that
// they are shown. A file whose content was another one when this cache last saw it must be newer than
// whatever the cache made of that, though its own time may be older (an earlier state that came back) or say
// nothing (an epoch). So each cache keeps beside its directory what it was shown: another content gets the
// present time, the same one the time that it had.
//
// The file "clock": "KSNK" 0x01, count (varint), then per path, sorted: path (bytes; where a mount lies, NUL,
// and the path in it), digest of the entry without its time (32 bytes), seconds (signed) and nanoseconds
// (varint).
#ifndef KASANE_SRC_STEPS_RUN_CLOCK_H_
#define KASANE_SRC_STEPS_RUN_CLOCK_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/contract/record.h"
#include "src/sandbox/mounts.h"
#include "src/steps/run_caches.h"
#include "src/store/store.h"
#include "src/tree/entry.h"
#include "src/tree/tree.h"

namespace kasane {

class CacheClock {
 public:
  // Malformed bytes are an empty clock: everything counts as new.
  static CacheClock Decode(absl::string_view bytes);
  std::string Encode() const;
  // The time to show; `now` if the digest is not the one that was shown last. Remembered.
  Timestamp Show(const std::string& path, const Digest& digest, const Timestamp& now);

 private:
  struct Shown {
    Digest digest;
    Timestamp time;
  };
  std::map<std::string, Shown> shown_;
};

// Gives the files of `below`, which `chain` composes, but not those of its base image, and the files of all
// mounted trees the times that the caches ask for, and notes them beside each cache. Without caches it does
// nothing. Hard-linked files keep their times.
absl::Status ShowClockTimes(Store* store, const RunCaches& caches, const Chain& chain, Tree* below,
                            std::vector<SandboxMount>* mounts);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_CLOCK_H_
