#include "src/plan/duration.h"

#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

struct Unit {
  absl::string_view name;
  int64_t nanoseconds;
};
constexpr int64_t kMicro = 1000, kMilli = 1000 * kMicro, kSecond = 1000 * kMilli;
constexpr Unit kUnits[] = {{"ns", 1},      {"us", kMicro}, {"\xC2\xB5s", kMicro}, {"\xCE\xBCs", kMicro},
                           {"ms", kMilli}, {"s", kSecond}, {"m", 60 * kSecond},   {"h", 3600 * kSecond}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "1.500" for value 1500 and unit 1000, zeros at the end left out.
std::string Decimal(int64_t value, int64_t unit) {
  std::string out = absl::StrCat(value / unit);
  std::string fraction = absl::StrCat(unit + value % unit).substr(1);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return fraction.empty() ? out : absl::StrCat(out, ".", fraction);
}

}  // namespace

bool ParseGoDuration(absl::string_view text, int64_t* nanoseconds) {
  const bool negative = absl::StartsWith(text, "-");
  if (negative || absl::StartsWith(text, "+")) text.remove_prefix(1);
  *nanoseconds = 0;
  if (text == "0") return true;
  if (text.empty()) return false;
  __int128 total = 0;
  while (!text.empty()) {
    __int128 digits = 0, scale = 1;
    bool any = false, point = false;
    while (!text.empty() && (IsDigit(text[0]) || (text[0] == '.' && !point))) {
      if (text[0] == '.') {
        point = true;
      } else if (!point || scale < 1000000000000) {  // digits beyond that are below a nanosecond
        any = true;
        digits = digits * 10 + (text[0] - '0');
        if (point) scale *= 10;
        if (digits > std::numeric_limits<int64_t>::max()) return false;
      }
      text.remove_prefix(1);
    }
    if (!any) return false;
    size_t end = 0;
    while (end < text.size() && !IsDigit(text[end]) && text[end] != '.') ++end;
    int64_t unit = 0;
    for (const Unit& u : kUnits) {
      if (u.name == text.substr(0, end)) unit = u.nanoseconds;
    }
    if (unit == 0) return false;
    text.remove_prefix(end);
    total += digits * unit / scale;
    if (total > std::numeric_limits<int64_t>::max()) return false;
  }
  *nanoseconds = static_cast<int64_t>(negative ? -total : total);
  return true;
}

std::string FormatGoDuration(int64_t ns) {
  if (ns == 0) return "0s";
  if (ns < 0) return absl::StrCat("-", FormatGoDuration(-ns));
  if (ns < kMicro) return absl::StrCat(ns, "ns");
  if (ns < kMilli) return absl::StrCat(Decimal(ns, kMicro), "\xC2\xB5s");
  if (ns < kSecond) return absl::StrCat(Decimal(ns, kMilli), "ms");
  const int64_t minutes = ns / (60 * kSecond);
  std::string out;
  if (minutes >= 60) absl::StrAppend(&out, minutes / 60, "h");
  if (minutes > 0) absl::StrAppend(&out, minutes % 60, "m");
  return absl::StrCat(out, Decimal(ns % (60 * kSecond), kSecond), "s");
}

}  // namespace kasane
