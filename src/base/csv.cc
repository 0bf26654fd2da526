#include "src/base/csv.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace kasane {

bool SplitCsv(absl::string_view line, std::vector<CsvField>* fields, std::string* error, size_t* offset) {
  fields->clear();
  const auto fail = [&](size_t at, absl::string_view what) {
    *offset = at;
    *error = std::string(what);
    return false;
  };
  if (line.empty()) return fail(0, "nothing is there");
  size_t at = 0;
  while (true) {
    CsvField field;
    field.begin = at;
    if (at < line.size() && line[at] == '"') {
      ++at;
      while (true) {
        const size_t quote = line.find('"', at);
        if (quote == absl::string_view::npos) return fail(field.begin, "the quote is not closed");
        field.text.append(line.data() + at, quote - at);
        at = quote + 1;
        if (at >= line.size() || line[at] != '"') break;
        field.text += '"';
        ++at;
      }
      if (at < line.size() && line[at] != ',') return fail(at - 1, "a comma must follow the closing quote");
    } else {
      at = std::min(line.find(',', at), line.size());
      const absl::string_view text = line.substr(field.begin, at - field.begin);
      if (absl::StrContains(text, '"')) {
        return fail(field.begin + text.find('"'), "a quote must stand around the whole field");
      }
      field.text = std::string(text);
    }
    field.end = at;
    fields->push_back(std::move(field));
    if (at >= line.size()) return true;
    ++at;
  }
}

std::string QuoteCsv(const std::string& field) {
  if (field.find_first_of(",\"") == std::string::npos) return field;
  return absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
}

}  // namespace kasane
