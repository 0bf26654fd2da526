// Go's durations: "1h30m", "1.5s", "300ms".
#ifndef KASANE_SRC_PLAN_DURATION_H_
#define KASANE_SRC_PLAN_DURATION_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace kasane {

// Nanoseconds. False: not a duration, or beyond 64 bits.
bool ParseGoDuration(absl::string_view text, int64_t* nanoseconds);
std::string FormatGoDuration(int64_t nanoseconds);  // "1m30s", "0s"

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_DURATION_H_
