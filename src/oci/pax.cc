#include "src/oci/pax.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace kasane {

absl::StatusOr<PaxRecords> ParsePax(absl::string_view data) {
  PaxRecords records;
  std::string map;
  int sparse = 0;
  while (!data.empty()) {
    size_t space = data.find(' ');
    uint32_t size;
    if (space == absl::string_view::npos || space == 0 || space > 10 ||
        !absl::ascii_isdigit(static_cast<unsigned char>(data[0])) ||
        !absl::SimpleAtoi(data.substr(0, space), &size) || size > data.size() || size < space + 3 ||
        data[size - 1] != '\n') {
      return absl::DataLossError("malformed PAX record");
    }
    absl::string_view record = data.substr(space + 1, size - space - 2);
    data.remove_prefix(size);
    size_t equals = record.find('=');
    if (equals == absl::string_view::npos || equals == 0) return absl::DataLossError("malformed PAX record");
    absl::string_view key = record.substr(0, equals);
    if (absl::StrContains(key, '\0')) return absl::DataLossError("NUL in the key of a PAX record");
    const std::string value(record.substr(equals + 1));
    if (key == "GNU.sparse.offset" || key == "GNU.sparse.numbytes") {
      if ((key == "GNU.sparse.offset") != (sparse++ % 2 == 0) || absl::StrContains(value, ',')) {
        return absl::DataLossError("malformed map of a sparse file");
      }
      absl::StrAppend(&map, map.empty() ? "" : ",", value);
      continue;
    }
    records[std::string(key)] = value;
  }
  if (sparse > 0) records[kSparseMap] = map;
  return records;
}

absl::StatusOr<Timestamp> ParsePaxTime(absl::string_view text) {
  size_t dot = text.find('.');
  absl::string_view whole = text.substr(0, dot);
  absl::string_view fraction = dot == absl::string_view::npos ? "" : text.substr(dot + 1);
  Timestamp time;
  // SimpleAtoi would take surrounding blanks.
  bool ok = !whole.empty() && !absl::ascii_isspace(static_cast<unsigned char>(whole.front())) &&
            !absl::ascii_isspace(static_cast<unsigned char>(whole.back())) &&
            absl::SimpleAtoi(whole, &time.seconds) && time.seconds > INT64_MIN;
  uint32_t nanoseconds = 0;
  for (size_t i = 0; i < fraction.size(); ++i) {
    ok = ok && absl::ascii_isdigit(static_cast<unsigned char>(fraction[i]));
    if (i < 9) nanoseconds = nanoseconds * 10 + static_cast<uint32_t>(fraction[i] - '0');
  }
  for (size_t i = fraction.size(); i < 9; ++i) nanoseconds *= 10;
  if (!ok) return absl::DataLossError(absl::StrCat("not a PAX time: ", absl::CHexEscape(text)));
  if (whole[0] == '-' && nanoseconds > 0) {
    --time.seconds;
    nanoseconds = 1000000000 - nanoseconds;
  }
  time.nanoseconds = nanoseconds;
  return time;
}

}  // namespace kasane
