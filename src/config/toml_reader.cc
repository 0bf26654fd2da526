#include "src/config/toml_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace kasane {

void TomlReader::Report(Severity severity, const SourceRange& range, std::string message, std::string help) {
  failed_ |= severity == Severity::kError;
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.file = file_;
  diagnostic.range = range;
  diagnostic.message = std::move(message);
  diagnostic.help = std::move(help);
  diagnostics_->push_back(std::move(diagnostic));
}

void TomlReader::Error(const toml::node& at, std::string message, std::string help) {
  Report(Severity::kError, TomlRange(at), std::move(message), std::move(help));
}

void TomlReader::CheckKeys(const toml::table& table, const std::vector<std::string>& known,
                           Severity severity) {
  for (const auto& [key, value] : table) {
    std::string name(key.str());
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string match = ClosestMatch(name, known);
    for (char& c : name) {
      if (static_cast<unsigned char>(c) < ' ') c = ' ';
    }
    Report(severity, TomlRange(key.source()), absl::StrCat("unknown key `", name, "`"),
           match.empty() ? "" : absl::StrCat("did you mean `", match, "`?"));
  }
}

const toml::table* TomlReader::Table(const toml::table& table, const char* key) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) Error(*node, absl::StrCat("`", key, "` must be a table"));
  return node->as_table();
}

void TomlReader::EachTable(const toml::table& table, const char* key, const char* written,
                           absl::FunctionRef<void(const toml::table&)> take) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return;
  const std::string message = absl::StrCat("`", key, "` is not an array of tables");
  const std::string help = absl::StrCat("write ", written);
  const toml::array* array = node->as_array();
  if (array == nullptr) return Error(*node, message, help);
  for (const toml::node& item : *array) {
    if (const toml::table* element = item.as_table()) {
      take(*element);
    } else {
      Error(item, message, help);
    }
  }
}

void TomlReader::Bool(const toml::table& table, const char* key, bool* out) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return;
  if (const auto* value = node->as_boolean()) {
    *out = value->get();
  } else {
    Error(*node, absl::StrCat("`", key, "` must be true or false"));
  }
}

void TomlReader::String(const toml::table& table, const char* key, std::string* out) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return;
  if (const auto* value = node->as_string()) {
    *out = value->get();
  } else {
    Error(*node, absl::StrCat("`", key, "` must be a string"));
  }
}

}  // namespace kasane
