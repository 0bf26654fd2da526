// When to try a request again.
#ifndef KASANE_SRC_REGISTRY_BACKOFF_H_
#define KASANE_SRC_REGISTRY_BACKOFF_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace kasane {

inline constexpr int kMaxTries = 5;         // of a request that gets answers, or breaks in the middle
inline constexpr int kMaxConnectTries = 3;  // where nobody answers at all: a typo should not cost seconds

// Statuses that may be gone the next time: 408, 429, 499, 5xx but 501 and 505.
bool IsTransient(long status);

// Seconds or an HTTP date; nothing if it is neither. Never negative.
absl::optional<absl::Duration> ParseRetryAfter(absl::string_view value, absl::Time now);

// The pause before the next try, after `failures` (1, 2, ...) of them: 0.2 s doubled each time, less up to
// half of it by `jitter` (0 to 1), or what the server asked for. At most 30 s.
absl::Duration RetryDelay(int failures, double jitter, absl::optional<absl::Duration> retry_after);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_BACKOFF_H_
