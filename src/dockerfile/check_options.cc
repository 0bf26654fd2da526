#include "src/dockerfile/check_options.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/bool.h"

namespace kasane {
namespace {

void ParseRules(absl::string_view text, bool* all, std::set<std::string>* names) {
  if (text == "all") {
    *all = true;
    return;
  }
  *all = false;
  names->clear();
  for (absl::string_view name : absl::StrSplit(text, ',')) {
    names->emplace(absl::StripAsciiWhitespace(name));
  }
}

absl::string_view WithoutRemark(absl::string_view value) { return value.substr(0, value.find(' ')); }

// The value of "check=VALUE"; false: the comment is something else.
bool ValueOfComment(absl::string_view comment, absl::string_view* value) {
  const size_t equals = comment.find('=');
  if (equals == absl::string_view::npos) return false;
  if (!absl::EqualsIgnoreCase(absl::StripTrailingAsciiWhitespace(comment.substr(0, equals)), "check")) {
    return false;
  }
  *value = WithoutRemark(absl::StripAsciiWhitespace(comment.substr(equals + 1)));
  return !value->empty();
}

}  // namespace

CheckComment FindCheckComment(const std::vector<Word>& comments) {
  for (const Word& comment : comments) {
    absl::string_view value;
    if (!ValueOfComment(comment.text, &value)) continue;
    CheckComment found = {value, comment.range};
    found.range.column += static_cast<int>(value.data() - comment.text.data());
    found.range.end_column = found.range.column + static_cast<int>(value.size());
    return found;
  }
  return {};
}

std::vector<Word> RulesNamedIn(absl::string_view text, const SourceRange& range) {
  std::vector<Word> out;
  for (absl::string_view part : absl::StrSplit(text, ';')) {
    const size_t equals = part.find('=');
    const absl::string_view option = absl::StripAsciiWhitespace(part.substr(0, equals));
    if (equals == absl::string_view::npos || (option != "skip" && option != "experimental")) continue;
    for (absl::string_view name : absl::StrSplit(part.substr(equals + 1), ',')) {
      name = absl::StripAsciiWhitespace(name);
      if (name.empty() || name == "all") continue;
      Word word = {std::string(name), range};
      if (range.line > 0) {
        word.range.column += static_cast<int>(name.data() - text.data());
        word.range.end_column = word.range.column + static_cast<int>(name.size());
      }
      out.push_back(std::move(word));
    }
  }
  return out;
}

CheckOptions CheckOptions::With(const std::vector<Word>& comments) const {
  const CheckComment comment = FindCheckComment(comments);
  CheckOptions more;
  std::string error;
  if (comment.value.empty() || !ParseCheckOptions(comment.value, &more, &error)) return *this;
  CheckOptions out = *this;
  out.skip_all |= more.skip_all;
  out.experimental_all |= more.experimental_all;
  out.skip.insert(more.skip.begin(), more.skip.end());
  out.experimental.insert(more.experimental.begin(), more.experimental.end());
  return out;
}

absl::string_view CheckDirectiveText(const DockerfileAst& ast) {
  const Directive* directive = ast.FindDirective("check");
  return directive == nullptr ? absl::string_view() : WithoutRemark(directive->value.text);
}

bool ParseCheckDirective(const DockerfileAst& ast, CheckOptions* out, std::string* error) {
  return ParseCheckOptions(CheckDirectiveText(ast), out, error);
}

bool ParseCheckOptions(absl::string_view text, CheckOptions* out, std::string* error) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) return true;
  for (absl::string_view part : absl::StrSplit(text, absl::MaxSplits(';', 2))) {
    const size_t equals = part.find('=');
    const absl::string_view name = absl::StripAsciiWhitespace(part.substr(0, equals));
    if (equals == absl::string_view::npos) {
      *error = absl::StrCat("\"", part, "\" has no value");
      return false;
    }
    const absl::string_view value = absl::StripAsciiWhitespace(part.substr(equals + 1));
    if (name == "skip") {
      ParseRules(value, &out->skip_all, &out->skip);
    } else if (name == "experimental") {
      ParseRules(value, &out->experimental_all, &out->experimental);
    } else if (name != "error") {
      *error = absl::StrCat("unknown option \"", name, "\"");
      return false;
    } else if (!ParseBool(value, &out->error)) {
      *error = absl::StrCat("error is true or false, not \"", value, "\"");
      return false;
    }
  }
  return true;
}

}  // namespace kasane
