#include "src/trace/profile_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/config/toml.h"
#include "src/config/toml_reader.h"
#include "src/trace/name_pattern.h"

namespace kasane {
namespace {

// Reads one file's table, noting what is wrong with it.
class ProfileReader : public TomlReader {
 public:
  using TomlReader::TomlReader;

  void Read(const toml::table& root) {
    CheckKeys(root, {"profile"});
    EachTable(root, "profile", "[[profile]]", [&](const toml::table& table) { ReadProfile(table); });
  }

  std::vector<ProfileRule> rules;

 private:
  void CheckKeys(const toml::table& table, const std::vector<std::string>& known) {
    TomlReader::CheckKeys(table, known, Severity::kError);
  }

  void String(const toml::table& table, const char* key, std::string* out) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    const auto* value = node->as_string();
    if (value == nullptr || value->get().empty()) {
      return Error(*node, absl::StrCat("`", key, "` must be a string that is not empty"));
    }
    *out = value->get();
  }

  void StringList(const toml::node& node, const char* key, std::vector<std::string>* out) {
    const toml::array* array = node.as_array();
    if (array == nullptr || array->empty()) {
      return Error(node, absl::StrCat("`", key, "` must be a list of strings"));
    }
    for (const toml::node& item : *array) {
      const auto* value = item.as_string();
      if (value == nullptr || value->get().empty()) {
        Error(item, absl::StrCat("`", key, "` must hold strings that are not empty"));
      } else {
        out->push_back(value->get());
      }
    }
  }

  void Strings(const toml::table& table, const char* key, std::vector<std::string>* out) {
    if (const toml::node* node = table.get(key); node != nullptr) StringList(*node, key, out);
  }

  void Patterns(const toml::table& table, const char* key, std::vector<std::string>* out) {
    Strings(table, key, out);
    for (const std::string& pattern : *out) {
      if (!IsNamePattern(pattern)) {
        Error(*table.get(key),
              absl::StrCat("`", key, "` holds a class that is open, empty or runs backwards"),
              "write [a-z], or [[] for a bracket");
        return;
      }
    }
  }

  void ReadProgram(const toml::table& table, ProfileRule* rule) {
    CheckKeys(table, {"go", "strings", "lacks", "multicall", "applets"});
    Strings(table, "go", &rule->go_packages);
    if (const toml::node* node = table.get("strings"); node != nullptr) {
      const toml::array* array = node->as_array();
      if (array == nullptr || array->empty()) {
        Error(*node, "`strings` must be a list of strings, or of lists of alternatives");
      } else {
        for (const toml::node& item : *array) {
          rule->strings.emplace_back();
          if (const auto* value = item.as_string(); value != nullptr && !value->get().empty()) {
            rule->strings.back().push_back(value->get());
          } else {
            StringList(item, "strings", &rule->strings.back());
          }
        }
      }
    }
    Strings(table, "lacks", &rule->lacking);
    String(table, "multicall", &rule->multicall);
    Strings(table, "applets", &rule->applets);
    if (rule->multicall.empty() != rule->applets.empty()) {
      Error(table, "`multicall` and `applets` belong together");
    }
  }

  void ReadArguments(const toml::table& table, ProfileRule* rule) {
    CheckKeys(table, {"first", "refuse", "options", "value-options", "long-options"});
    Strings(table, "first", &rule->first);
    Patterns(table, "refuse", &rule->refused);
    String(table, "options", &rule->options);
    String(table, "value-options", &rule->value_options);
    Strings(table, "long-options", &rule->long_options);
    rule->limits_options =
        table.contains("options") || table.contains("value-options") || table.contains("long-options");
  }

  void ReadStat(const toml::table& table, ProfileRule* rule) {
    CheckKeys(table, {"meaning", "content", "go-headers", "programs-by-time"});
    std::string meaning;
    String(table, "meaning", &meaning);
    if (meaning == "mode") {
      rule->stat = StatMeaning::kMode;
    } else if (meaning == "size") {
      rule->stat = StatMeaning::kSize;
    } else if (meaning != "time" && table.contains("meaning")) {
      Error(*table.get("meaning"), "`meaning` must be \"mode\", \"size\" or \"time\"");
    }
    Strings(table, "content", &rule->content_suffixes);
    Strings(table, "go-headers", &rule->go_headers);
    Bool(table, "programs-by-time", &rule->programs_by_time);
  }

  void ReadList(const toml::table& table, ProfileRule* rule) {
    CheckKeys(table, {"hidden", "directories", "symlinks", "skipped-directories", "suffixes", "names",
                      "unless-suffix", "unless-text"});
    rule->narrows = true;
    Strings(table, "hidden", &rule->list.hidden);
    Bool(table, "directories", &rule->list.directories);
    Bool(table, "symlinks", &rule->list.symlinks);
    Strings(table, "skipped-directories", &rule->list.skipped_directories);
    Strings(table, "suffixes", &rule->list.suffixes);
    Strings(table, "names", &rule->list.names);
    String(table, "unless-suffix", &rule->unless_suffix);
    Strings(table, "unless-text", &rule->unless_text);
    if (rule->unless_suffix.empty() != rule->unless_text.empty()) {
      Error(table, "`unless-suffix` and `unless-text` belong together");
    }
  }

  void ReadWarm(const toml::table& table, ProfileRule* rule) {
    CheckKeys(table, {"caches", "children", "companions", "part-of"});
    if (const toml::node* node = table.get("caches"); node != nullptr) {
      const toml::array* array = node->as_array();
      if (array == nullptr || array->empty()) {
        Error(*node, "`caches` must be a list of lists of alternatives");
      } else {
        for (const toml::node& item : *array) {
          rule->warm_caches.emplace_back();
          StringList(item, "caches", &rule->warm_caches.back());
        }
      }
    }
    Strings(table, "children", &rule->warm_children);
    Strings(table, "companions", &rule->warm_companions);
    String(table, "part-of", &rule->warm_of);
    if (rule->warm_caches.empty() == rule->warm_of.empty() && !failed()) {
      Error(table, "either `caches` or `part-of` belongs in a warm table");
    }
  }

  void ReadProfile(const toml::table& table) {
    ProfileRule rule;
    CheckKeys(table, {"name", "strict", "program", "arguments", "environment", "settings", "scope", "stat",
                      "list", "warm"});
    String(table, "name", &rule.name);
    Bool(table, "strict", &rule.strict);
    if (rule.name.empty() && !failed()) Error(table, "a profile needs a name");
    if (const toml::table* program = Table(table, "program")) ReadProgram(*program, &rule);
    if (const toml::table* arguments = Table(table, "arguments")) ReadArguments(*arguments, &rule);
    if (const toml::table* environment = Table(table, "environment")) {
      CheckKeys(*environment, {"refuse"});
      Patterns(*environment, "refuse", &rule.refused_variables);
    }
    if (const toml::table* settings = Table(table, "settings")) {
      CheckKeys(*settings, {"files"});
      Strings(*settings, "files", &rule.settings);
    }
    if (const toml::table* scope = Table(table, "scope")) {
      CheckKeys(*scope, {"below", "not-through", "not-holding"});
      String(*scope, "below", &rule.below);
      Patterns(*scope, "not-through", &rule.not_through);
      String(*scope, "not-holding", &rule.not_holding);
      if (rule.below.empty() && !failed()) Error(*scope, "a scope needs `below`");
    }
    if (const toml::table* stat = Table(table, "stat")) ReadStat(*stat, &rule);
    if (const toml::table* list = Table(table, "list")) ReadList(*list, &rule);
    if (const toml::table* warm = Table(table, "warm")) ReadWarm(*warm, &rule);
    if (!rule.strict && rule.go_packages.empty() && rule.strings.empty() && !failed()) {
      Error(table, "nothing says which program this profile is for",
            "write program.go or program.strings, or strict = true");
    }
    for (const ProfileRule& other : rules) {
      if (other.name == rule.name && !failed())
        Error(table, absl::StrCat("a second profile `", rule.name, "`"));
    }
    rules.push_back(std::move(rule));
  }
};

}  // namespace

bool ParseProfiles(absl::string_view text, const std::string& file, std::vector<ProfileRule>* rules,
                   std::vector<Diagnostic>* diagnostics) {
  Diagnostic error;
  absl::optional<toml::table> table = ParseToml(text, file, &error);
  if (!table) {
    diagnostics->push_back(std::move(error));
    return false;
  }
  ProfileReader reader(file, diagnostics);
  reader.Read(*table);
  if (reader.failed()) return false;
  std::move(reader.rules.begin(), reader.rules.end(), std::back_inserter(*rules));
  return true;
}

}  // namespace kasane
