#include "src/config/variables.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace kasane {
namespace {

constexpr int kMaxDepth = 50;

size_t NameLength(absl::string_view text) {
  const auto letter = [](char c) { return c == '_' || absl::ascii_isalpha(static_cast<unsigned char>(c)); };
  size_t i = 0;
  while (i < text.size() &&
         (letter(text[i]) || (i > 0 && absl::ascii_isdigit(static_cast<unsigned char>(text[i]))))) {
    ++i;
  }
  return i;
}

class Expander {
 public:
  Expander(const Variables& variables, std::vector<std::string>* unset, std::string* error)
      : variables_(variables), unset_(unset), error_(error) {}

  // Up to the end; inside of braces up to a '}', which stays.
  bool Expand(absl::string_view* rest, int depth, std::string* out) {
    if (depth > kMaxDepth) return Fail("variables are nested too deep");
    while (!rest->empty() && !(depth > 0 && rest->front() == '}')) {
      if (!absl::ConsumePrefix(rest, "$")) {
        out->push_back(rest->front());
        rest->remove_prefix(1);
      } else if (absl::ConsumePrefix(rest, "$")) {
        out->push_back('$');
      } else if (absl::ConsumePrefix(rest, "{")) {
        if (!Braced(rest, depth, out)) return false;
      } else {
        const std::string name = TakeName(rest);
        if (name.empty()) return Fail("a $ stands alone", "$$ is a dollar");
        out->append(ValueOf(name));
      }
    }
    return true;
  }

 private:
  bool Fail(absl::string_view what, absl::string_view help = "") {
    *error_ = absl::StrCat(what, help.empty() ? "" : "; ", help);
    return false;
  }

  static std::string TakeName(absl::string_view* rest) {
    std::string name(rest->substr(0, NameLength(*rest)));
    rest->remove_prefix(name.size());
    return name;
  }

  std::string ValueOf(const std::string& name) {
    const absl::optional<std::string> value = variables_(name);
    if (!value.has_value()) unset_->push_back(name);
    return value.value_or("");
  }

  bool Braced(absl::string_view* rest, int depth, std::string* out) {
    const std::string name = TakeName(rest);
    if (name.empty()) return Fail("a name is missing behind ${");
    if (absl::ConsumePrefix(rest, "}")) {
      out->append(ValueOf(name));
      return true;
    }
    const bool empty_counts = !absl::ConsumePrefix(rest, ":");
    const char what = rest->empty() ? '\0' : rest->front();
    if (what != '-' && what != '?' && what != '+')
      return Fail(absl::StrCat("${", name, " goes on with what is unknown or does not end"),
                  "there are :-, -, :?, ?, :+ and +");
    rest->remove_prefix(1);
    const absl::optional<std::string> value = variables_(name);
    const bool is_set = value.has_value() && (empty_counts || !value->empty());
    // What is not used may hold variables that nobody needs.
    std::vector<std::string> unset_here;
    std::string word;
    std::vector<std::string>* const unset = std::exchange(unset_, &unset_here);
    const bool ok = Expand(rest, depth + 1, &word);
    unset_ = unset;
    if (!ok) return false;
    if (!absl::ConsumePrefix(rest, "}")) return Fail(absl::StrCat("${", name, " does not end"));
    if (what == '?' && !is_set)
      return Fail(absl::StrCat("variable ", name, " must be set", word.empty() ? "" : ": ", word));
    const bool uses_word = is_set == (what == '+');
    if (uses_word && what != '?') {
      unset_->insert(unset_->end(), unset_here.begin(), unset_here.end());
      out->append(word);
    } else if (what != '+') {
      out->append(*value);
    }
    return true;
  }

  const Variables& variables_;
  std::vector<std::string>* unset_;
  std::string* const error_;
};

// The text within double quotes. False: the closing one is missing.
bool Unquote(absl::string_view* rest, std::string* out) {
  for (; !rest->empty(); rest->remove_prefix(1)) {
    char c = rest->front();
    if (c == '"') return rest->remove_prefix(1), true;
    if (c == '\\' && rest->size() > 1) {
      rest->remove_prefix(1);
      c = rest->front();
      if (c == 'n' || c == 'r' || c == 't') {
        c = c == 'n' ? '\n' : c == 'r' ? '\r' : '\t';
      } else if (c != '"' && c != '\\') {
        out->push_back('\\');
      }
    }
    out->push_back(c);
  }
  return false;
}

// The value of a line of an .env file; nullopt: it is none.
absl::optional<std::string> EnvValue(absl::string_view rest, const Variables& variables, std::string* error) {
  std::string raw, value;
  *error = "a quote does not end on its line";
  if (absl::ConsumePrefix(&rest, "'")) {
    const size_t end = rest.find('\'');
    if (end == absl::string_view::npos) return absl::nullopt;
    return std::string(rest.substr(0, end));
  }
  if (absl::ConsumePrefix(&rest, "\"")) {
    if (!Unquote(&rest, &raw)) return absl::nullopt;
  } else {
    const size_t comment = rest.find(" #");
    raw = std::string(absl::StripTrailingAsciiWhitespace(
        absl::StartsWith(rest, "#") ? absl::string_view() : rest.substr(0, comment)));
  }
  std::vector<std::string> unset;
  if (!ExpandVariables(raw, variables, &value, &unset, error)) return absl::nullopt;
  return value;
}

}  // namespace

bool ExpandVariables(absl::string_view text, const Variables& variables, std::string* out,
                     std::vector<std::string>* unset, std::string* error) {
  return Expander(variables, unset, error).Expand(&text, 0, out);
}

bool ParseEnvFile(absl::string_view text, const Variables& variables,
                  std::map<std::string, std::string>* values, std::string* error) {
  const Variables known = [&](const std::string& name) {
    absl::optional<std::string> given = variables(name);
    if (given.has_value()) return given;
    const auto found = values->find(name);
    return found == values->end() ? absl::nullopt : absl::optional<std::string>(found->second);
  };
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    absl::ConsumePrefix(&line, "export ");
    line = absl::StripLeadingAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    const std::string name(line.substr(0, NameLength(line)));
    line = absl::StripLeadingAsciiWhitespace(line.substr(name.size()));
    if (name.empty() || !absl::ConsumePrefix(&line, "=")) {
      *error = absl::StrCat(number, ": a line is NAME=VALUE");
      return false;
    }
    std::string problem;
    const absl::optional<std::string> value =
        EnvValue(absl::StripLeadingAsciiWhitespace(line), known, &problem);
    if (!value.has_value()) {
      *error = absl::StrCat(number, ": ", problem);
      return false;
    }
    (*values)[name] = *value;
  }
  return true;
}

}  // namespace kasane
