#include "src/config/bake_file.h"

#include <functional>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/config/toml.h"

namespace kasane {
namespace {

// "id=token,src=f": as a string, or as an object of fields.
absl::StatusOr<std::string> Fields(const Json& item, const std::string& what) {
  if (item.is_string()) return item.get<std::string>();
  std::vector<std::string> fields;
  if (item.is_object()) {
    for (const auto& [key, value] : item.items()) {
      if (!value.is_string()) return absl::InvalidArgumentError(absl::StrCat(what, ": ", key, " is no text"));
      fields.push_back(absl::StrCat(key, "=", value.get<std::string>()));
    }
  }
  if (fields.empty()) return absl::InvalidArgumentError(absl::StrCat(what, " is a list of texts"));
  return absl::StrJoin(fields, ",");
}

std::string Array(const std::vector<std::string>& items) {
  std::vector<std::string> quoted;
  for (const std::string& item : items) quoted.push_back(TomlString(item));
  return absl::StrCat("[", absl::StrJoin(quoted, ", "), "]");
}

class Translator {
 public:
  Translator(absl::optional<std::string> (*environment)(const std::string&),
             std::vector<std::string>* warnings)
      : environment_(environment), warnings_(warnings) {}

  absl::StatusOr<std::string> Translate(const Json& root) {
    if (!root.is_object()) return absl::InvalidArgumentError("the file is no object");
    for (const auto& [key, value] : root.items()) {
      if (key != "target" && key != "group" && key != "variable" && !absl::StartsWith(key, "//")) {
        return absl::InvalidArgumentError(absl::StrCat("\"", key, "\" is not supported here"));
      }
      if (!value.is_object()) return absl::InvalidArgumentError(absl::StrCat("\"", key, "\" is no object"));
    }
    RETURN_IF_ERROR(Variables(JsonMember(root, "variable")));
    std::set<std::string> in_groups;
    for (const auto& [name, group] : JsonMember(root, "group").items()) {
      for (const std::string& member : JsonStrings(group, "targets")) in_groups.insert(member);
    }
    for (const auto& [name, target] : JsonMember(root, "target").items()) {
      const bool is_template = absl::StartsWith(name, "_") && in_groups.count(name) == 0;
      absl::StrAppend(&out_, "[", is_template ? "template" : "image", ".", TomlString(name), "]\n");
      RETURN_IF_ERROR(Target(name, target));
    }
    out_ += "[group]\n";
    for (const auto& [name, group] : JsonMember(root, "group").items()) {
      absl::StrAppend(&out_, TomlString(name), " = ", Array(JsonStrings(group, "targets")), "\n");
    }
    return out_;
  }

 private:
  absl::Status Variables(const Json& variables) {
    out_ += "[variables]\n";
    for (const auto& [name, variable] : variables.items()) {
      const Json& fallback = JsonMember(variable, "default");
      std::string value = fallback.is_string() ? fallback.get<std::string>()
                          : fallback.is_null() ? ""
                                               : DumpJson(fallback);
      if (const auto given = environment_(name); given.has_value()) value = *given;
      absl::StrAppend(&out_, TomlString(name), " = ", TomlString(value), "\n");
    }
    return absl::OkStatus();
  }

  void Put(const char* key, const std::string& value) { absl::StrAppend(&out_, key, " = ", value, "\n"); }

  absl::Status Target(const std::string& name, const Json& target) {
    if (!target.is_object())
      return absl::InvalidArgumentError(absl::StrCat("target ", name, " is no object"));
    std::vector<std::string> options;
    for (const auto& [key, value] : target.items()) RETURN_IF_ERROR(Member(name, key, value, &options));
    if (!options.empty()) Put("options", Array(options));
    return absl::OkStatus();
  }

  absl::Status Member(const std::string& target, const std::string& key, const Json& value,
                      std::vector<std::string>* options) {
    static const std::map<std::string, const char*> kTexts = {{"context", "context"},
                                                              {"dockerfile", "dockerfile"},
                                                              {"target", "target"},
                                                              {"network", "network"},
                                                              {"name", "name"}};
    static const std::map<std::string, const char*> kLists = {
        {"tags", "tags"}, {"inherits", "inherits"}, {"platforms", "platforms"}, {"secret", "secrets"}};
    static const std::map<std::string, const char*> kTables = {
        {"args", "args"}, {"labels", "labels"}, {"contexts", "contexts"}, {"matrix", "matrix"}};
    static const std::map<std::string, const char*> kOptionLists = {{"ssh", "ssh"},
                                                                    {"annotations", "annotation"},
                                                                    {"attest", "attest"},
                                                                    {"ulimits", "ulimit"},
                                                                    {"entitlements", "allow"}};
    static const std::set<std::string> kUnused = {"cache-from", "cache-to", "output", "no-cache-filter",
                                                  "call"};
    const std::string what = absl::StrCat("\"", key, "\" of target ", target);
    if (value.is_null() || key == "description" || absl::StartsWith(key, "//")) return absl::OkStatus();
    if (const auto text = kTexts.find(key); text != kTexts.end()) {
      if (!value.is_string()) return absl::InvalidArgumentError(absl::StrCat(what, " is a text"));
      Put(text->second, TomlString(Text(key, value.get<std::string>())));
      return absl::OkStatus();
    }
    if (const auto list = kLists.find(key); list != kLists.end()) {
      ASSIGN_OR_RETURN(const std::vector<std::string> items, List(what, value));
      Put(list->second, Array(items));
      return absl::OkStatus();
    }
    if (const auto table = kTables.find(key); table != kTables.end())
      return Table(what, key, table->second, value);
    if (const auto list = kOptionLists.find(key); list != kOptionLists.end()) {
      ASSIGN_OR_RETURN(const std::vector<std::string> items, List(what, value));
      for (const std::string& item : items) options->push_back(absl::StrCat("--", list->second, "=", item));
      return absl::OkStatus();
    }
    if (key == "extra-hosts" && value.is_object()) {
      for (const auto& [host, address] : value.items()) {
        if (!address.is_string())
          return absl::InvalidArgumentError(absl::StrCat(what, " is a table of texts"));
        options->push_back(absl::StrCat("--add-host=", host, "=", address.get<std::string>()));
      }
      return absl::OkStatus();
    }
    if (key == "shm-size" && value.is_string()) {
      options->push_back(absl::StrCat("--shm-size=", value.get<std::string>()));
      return absl::OkStatus();
    }
    if ((key == "no-cache" || key == "pull") && value.is_boolean()) {
      if (value.get<bool>()) options->push_back(absl::StrCat("--", key));
      return absl::OkStatus();
    }
    if (kUnused.count(key) > 0) {
      warnings_->push_back(absl::StrCat(what,
                                        " means nothing here: results are in the store, ninja has targets "
                                        "for outputs"));
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(absl::StrCat(what, " is not supported"));
  }

  static std::string Text(const std::string& key, const std::string& text) {
    return key == "context" && text.empty() ? "." : text;
  }

  static absl::StatusOr<std::vector<std::string>> List(const std::string& what, const Json& value) {
    if (!value.is_array()) return absl::InvalidArgumentError(absl::StrCat(what, " is a list"));
    std::vector<std::string> items;
    for (const Json& item : value) {
      ASSIGN_OR_RETURN(std::string text, Fields(item, what));
      items.push_back(std::move(text));
    }
    return items;
  }

  absl::Status Table(const std::string& what, const std::string& key, const char* name, const Json& value) {
    if (!value.is_object()) return absl::InvalidArgumentError(absl::StrCat(what, " is a table"));
    std::vector<std::string> pairs;
    for (const auto& [inner, item] : value.items()) {
      if (key == "matrix") {
        ASSIGN_OR_RETURN(const std::vector<std::string> items, List(what, item));
        pairs.push_back(absl::StrCat(TomlString(inner), " = ", Array(items)));
        continue;
      }
      std::string text;
      if (item.is_null()) {  // the environment's
        const auto given = environment_(inner);
        if (!given.has_value()) continue;
        text = *given;
      } else if (item.is_string()) {
        text = item.get<std::string>();
      } else {
        return absl::InvalidArgumentError(absl::StrCat(what, ": ", inner, " is a text"));
      }
      absl::string_view base = text;
      if (key == "contexts" && absl::ConsumePrefix(&base, "target:")) text = absl::StrCat("image:", base);
      pairs.push_back(absl::StrCat(TomlString(inner), " = ", TomlString(text)));
    }
    Put(name, absl::StrCat("{ ", absl::StrJoin(pairs, ", "), " }"));
    return absl::OkStatus();
  }

  absl::optional<std::string> (*environment_)(const std::string&);
  std::vector<std::string>* warnings_;
  std::string out_;
};

}  // namespace

absl::StatusOr<std::string> WorkspaceOfBakeFile(
    absl::string_view text, absl::optional<std::string> (*environment)(const std::string& name),
    std::vector<std::string>* warnings) {
  ASSIGN_OR_RETURN(const Json root, ParseJson(text, "the file"));
  return Translator(environment, warnings).Translate(root);
}

}  // namespace kasane
