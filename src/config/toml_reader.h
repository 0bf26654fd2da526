// What readers of TOML files do alike: they take values of one type and note whatever is of another.
#ifndef KASANE_SRC_CONFIG_TOML_READER_H_
#define KASANE_SRC_CONFIG_TOML_READER_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "src/base/diagnostic.h"
#include "src/config/toml.h"

namespace kasane {

// To be derived from. A key that is not there changes nothing.
class TomlReader {
 public:
  // `file` is the name for diagnostics; both must outlive the reader.
  TomlReader(const std::string& file, std::vector<Diagnostic>* diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  bool failed() const { return failed_; }  // something was an error

 protected:
  void Report(Severity severity, const SourceRange& range, std::string message, std::string help);
  void Error(const toml::node& at, std::string message, std::string help = "");

  // Notes each key that is not among `known`.
  void CheckKeys(const toml::table& table, const std::vector<std::string>& known, Severity severity);
  // Null if there is none, or no table.
  const toml::table* Table(const toml::table& table, const char* key);
  // `written` is how such a table begins: "[[profile]]".
  void EachTable(const toml::table& table, const char* key, const char* written,
                 absl::FunctionRef<void(const toml::table&)> take);
  void Bool(const toml::table& table, const char* key, bool* out);
  void String(const toml::table& table, const char* key, std::string* out);

 private:
  const std::string& file_;
  std::vector<Diagnostic>* const diagnostics_;
  bool failed_ = false;
};

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_TOML_READER_H_
