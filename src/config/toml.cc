// The one file that holds toml++'s code: Debian's library has only the flavour that throws.
#define TOML_IMPLEMENTATION
#include "src/config/toml.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/json.h"

namespace kasane {

absl::optional<toml::table> ParseToml(absl::string_view text, const std::string& file, Diagnostic* error) {
  toml::parse_result result = toml::parse(std::string_view(text.data(), text.size()));
  if (result) return std::move(result).table();
  error->severity = Severity::kError;
  error->file = file;
  error->range = TomlRange(result.error().source());
  // The library quotes what it met, newlines included; a diagnostic has one line.
  error->message = std::string(result.error().description());
  if (!error->message.empty())
    error->message[0] = absl::ascii_tolower(static_cast<unsigned char>(error->message[0]));
  for (char& c : error->message) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return absl::nullopt;
}

// A string of JSON is a basic string of TOML too.
std::string TomlString(const std::string& text) { return DumpJson(Json(text)); }

SourceRange TomlRange(const toml::node& node) { return TomlRange(node.source()); }

SourceRange TomlRange(const toml::source_region& region) {
  SourceRange range;
  range.line = static_cast<int>(region.begin.line);
  range.column = static_cast<int>(region.begin.column);
  range.end_line = static_cast<int>(region.end.line);
  range.end_column = static_cast<int>(region.end.column);
  if (range.end_line < range.line || (range.end_line == range.line && range.end_column <= range.column)) {
    range.end_line = range.line;
    range.end_column = range.column + 1;
  }
  return range;
}

}  // namespace kasane
