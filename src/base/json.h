// JSON without exceptions. Documents keep the order of their keys, so that what we write is what we meant.
#ifndef KASANE_SRC_BASE_JSON_H_
#define KASANE_SRC_BASE_JSON_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

using Json = nlohmann::ordered_json;

// Refuses what is not JSON, nesting deeper than 200 and duplicate keys. `what` names the document in the
// error.
absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view what);
// Compact, no final newline; bytes that are not UTF-8 are written as U+FFFD.
std::string DumpJson(const Json& json);
// Two-space indent and a final newline, for people.
std::string PrettyJson(const Json& json);

// Field readers that never throw: the value, or `fallback` if `json` is no object, lacks the key, or the
// value has another type.
std::string JsonString(const Json& json, absl::string_view key, absl::string_view fallback = "");
int64_t JsonInt(const Json& json, absl::string_view key, int64_t fallback = 0);
bool JsonBool(const Json& json, absl::string_view key, bool fallback = false);
std::vector<std::string> JsonStrings(const Json& json, absl::string_view key);
// The member, or a null value.
const Json& JsonMember(const Json& json, absl::string_view key);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_JSON_H_
