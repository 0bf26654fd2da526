// One line of comma-separated values, as Docker's options and flags use them.
#ifndef KASANE_SRC_BASE_CSV_H_
#define KASANE_SRC_BASE_CSV_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

struct CsvField {
  std::string text;           // without the quotes
  size_t begin = 0, end = 0;  // where it stands in the line, quotes included
};

// Splits at commas. A field that begins with '"' runs to the next '"' and may hold commas; '""' in it is one
// quote. (RFC 4180 without line ends; source: what go-csvvalue accepts.) False: `error` says why, and
// `offset` is the place in `line`.
bool SplitCsv(absl::string_view line, std::vector<CsvField>* fields, std::string* error, size_t* offset);

// A field as it stands in such a line: what has commas or quotes is quoted.
std::string QuoteCsv(const std::string& field);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_CSV_H_
