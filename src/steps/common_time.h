// The times that steps give to what they make.
#ifndef KASANE_SRC_STEPS_COMMON_TIME_H_
#define KASANE_SRC_STEPS_COMMON_TIME_H_

#include <string>

#include "src/contract/spec.h"
#include "src/tree/entry.h"

namespace kasane {

// The epoch if there is one, else the time of day.
Timestamp StepTime(const Epoch& epoch);

// RFC 3339 in UTC, as Go prints it: "2026-11-24T02:14:07Z", with nanoseconds, trailing zeros cut, if there
// are any.
std::string FormatTime(const Timestamp& time);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COMMON_TIME_H_
