#include "src/registry/backoff.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"

namespace kasane {
namespace {

constexpr absl::Duration kFirstDelay = absl::Milliseconds(200);
constexpr absl::Duration kMaxDelay = absl::Seconds(30);

}  // namespace

bool IsTransient(long status) {
  return status == 408 || status == 429 || status == 499 || (status >= 500 && status != 501 && status != 505);
}

absl::optional<absl::Duration> ParseRetryAfter(absl::string_view value, absl::Time now) {
  int64_t seconds = 0;
  if (absl::SimpleAtoi(value, &seconds) && seconds >= 0) return absl::Seconds(seconds);
  absl::Time when;
  std::string error;
  if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", value, &when, &error)) return absl::nullopt;
  return std::max(when - now, absl::ZeroDuration());
}

absl::Duration RetryDelay(int failures, double jitter, absl::optional<absl::Duration> retry_after) {
  if (retry_after) return std::min(*retry_after, kMaxDelay);
  const absl::Duration full = kFirstDelay * (int64_t{1} << std::clamp(failures - 1, 0, 10));
  return std::min(full, kMaxDelay) * (1 - 0.5 * jitter);
}

}  // namespace kasane
