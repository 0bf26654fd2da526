#include "src/base/json.h"

#include <set>

#include "absl/strings/str_cat.h"

namespace kasane {

absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view what) {
  std::vector<std::set<std::string>> keys;
  std::string problem;
  auto callback = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > 200) problem = "it is nested too deeply";
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.empty()) {
      std::string key = parsed.get<std::string>();
      if (!keys.back().insert(key).second)
        problem = absl::StrCat("the key \"", key, "\" stands twice in one object");
    }
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), callback, /*allow_exceptions=*/false);
  if (json.is_discarded()) problem = "it is not valid JSON";
  if (!problem.empty()) return absl::InvalidArgumentError(absl::StrCat("cannot read ", what, ": ", problem));
  return json;
}

std::string DumpJson(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace);
}

std::string PrettyJson(const Json& json) {
  return json.dump(2, ' ', false, nlohmann::detail::error_handler_t::replace) + "\n";
}

const Json& JsonMember(const Json& json, absl::string_view key) {
  static const Json* const kNull = new Json();
  if (!json.is_object()) return *kNull;
  auto it = json.find(std::string(key));
  return it == json.end() ? *kNull : *it;
}

std::string JsonString(const Json& json, absl::string_view key, absl::string_view fallback) {
  const Json& value = JsonMember(json, key);
  return value.is_string() ? value.get<std::string>() : std::string(fallback);
}

int64_t JsonInt(const Json& json, absl::string_view key, int64_t fallback) {
  const Json& value = JsonMember(json, key);
  return value.is_number_integer() ? value.get<int64_t>() : fallback;
}

bool JsonBool(const Json& json, absl::string_view key, bool fallback) {
  const Json& value = JsonMember(json, key);
  return value.is_boolean() ? value.get<bool>() : fallback;
}

std::vector<std::string> JsonStrings(const Json& json, absl::string_view key) {
  std::vector<std::string> out;
  for (const Json& value : JsonMember(json, key)) {
    if (value.is_string()) out.push_back(value.get<std::string>());
  }
  return out;
}

}  // namespace kasane
