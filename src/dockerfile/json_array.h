// The JSON form of an instruction's arguments, with the place of each string.
#ifndef KASANE_SRC_DOCKERFILE_JSON_ARRAY_H_
#define KASANE_SRC_DOCKERFILE_JSON_ARRAY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

struct JsonElement {
  std::string value;       // decoded
  absl::string_view part;  // of the text given, with its quotes
};

enum class JsonForm {
  kStrings,    // an array of strings, and nothing behind it but blanks
  kNotJson,    // not a JSON array: the arguments are plain text
  kNotString,  // valid JSON, but some element is no string; `bad` is that element
};

// Elements are checked, not only scanned: what encoding/json of Go takes is taken, with its replacement of
// malformed UTF-8 and lone surrogates by U+FFFD. Nesting deeper than 200 counts as kNotJson.
JsonForm ParseJsonArray(absl::string_view text, std::vector<JsonElement>* strings, absl::string_view* bad);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_JSON_ARRAY_H_
