#include "generator/stats.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace kasane {
namespace {

constexpr size_t kColumn = 36;
constexpr double kSecond = 1e6;

}  // namespace

std::string StatsText(const std::vector<Stretch>& stretches) {
  std::string out = absl::StrFormat("%-*s %9s %9s\n", kColumn, "", "seconds", "CPU");
  std::vector<int64_t> ends;  // of those that the present one lies in
  for (const Stretch& stretch : stretches) {
    while (!ends.empty() && stretch.start >= ends.back()) ends.pop_back();
    const std::string name = std::string(2 * ends.size(), ' ') + stretch.name;
    absl::StrAppendFormat(&out, "%-*s %9.4f %9.4f", kColumn, name,
                          static_cast<double>(stretch.duration) / kSecond,
                          static_cast<double>(stretch.cpu) / kSecond);
    if (stretch.count >= 0) absl::StrAppend(&out, "  ", stretch.count, " ", stretch.unit);
    out += "\n";
    ends.push_back(stretch.start + stretch.duration);
  }
  return out;
}

}  // namespace kasane
