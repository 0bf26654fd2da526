#include "src/steps/common_time.h"

#include <ctime>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace kasane {

Timestamp StepTime(const Epoch& epoch) {
  if (epoch) return {*epoch, 0};
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return {now.tv_sec, static_cast<uint32_t>(now.tv_nsec)};
}

std::string FormatTime(const Timestamp& time) {
  const time_t seconds = time.seconds;
  tm fields;
  gmtime_r(&seconds, &fields);
  std::string text =
      absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d", fields.tm_year + 1900, fields.tm_mon + 1,
                      fields.tm_mday, fields.tm_hour, fields.tm_min, fields.tm_sec);
  if (time.nanoseconds != 0) {
    absl::string_view fraction = "";
    const std::string digits = absl::StrFormat("%09d", time.nanoseconds);
    fraction = digits;
    while (absl::ConsumeSuffix(&fraction, "0")) {
    }
    absl::StrAppend(&text, ".", fraction);
  }
  return text + "Z";
}

}  // namespace kasane
