#include "generator/shown_figures.h"

#include <algorithm>
#include <ctime>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace kasane {
namespace {

// Of characters, not of bytes: UTF-8's continuation bytes do not count.
size_t WidthOf(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string ShownSize(int64_t bytes) {
  if (bytes < 1000) return absl::StrCat(bytes, " bytes");
  static constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  while (value >= 999.95 && unit + 1 < std::size(kUnits)) value /= 1000, ++unit;
  return absl::StrFormat("%.1f %s", value, kUnits[unit]);
}

std::string ShownAge(int64_t seconds) {
  struct Unit {
    int64_t seconds;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  for (const Unit& unit : kUnits) {
    const int64_t count = seconds / unit.seconds;
    if (count > 0) return absl::StrCat(count, " ", unit.name, count == 1 ? "" : "s");
  }
  return "less than a second";
}

std::string ShownAgo(int64_t time) {
  const int64_t seconds = std::time(nullptr) - time;
  return seconds <= 0 ? "now" : absl::StrCat(ShownAge(seconds), " ago");
}

std::string ShownTable(const std::vector<std::vector<std::string>>& lines) {
  std::vector<size_t> widths;
  for (const std::vector<std::string>& line : lines) {
    if (widths.size() < line.size()) widths.resize(line.size());
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], WidthOf(line[i]));
  }
  std::string out;
  for (const std::vector<std::string>& line : lines) {
    size_t blanks = 0;
    for (size_t i = 0; i < line.size(); ++i) {
      if (!line[i].empty()) absl::StrAppend(&out, std::string(blanks, ' '), line[i]), blanks = 0;
      blanks += widths[i] - WidthOf(line[i]) + 2;
    }
    out += '\n';
  }
  return out;
}

}  // namespace kasane
