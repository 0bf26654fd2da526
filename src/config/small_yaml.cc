#include "src/config/small_yaml.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int kMaxDepth = 50;
constexpr absl::string_view kBeginsOtherYaml = "&*!|>%@`{";

struct Line {
  size_t indent = 0;
  absl::string_view text;
  int number = 0;
};

absl::Status Error(const Line& line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line.number, ": ", what));
}

absl::Status Other(const Line& line) {
  return absl::UnimplementedError(absl::StrCat("line ", line.number, ": this YAML is not understood here"));
}

// Where a quoted scalar that begins `text` ends: behind its last quote; npos: it does not.
size_t EndOfQuoted(absl::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[0] == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == text[0]) {
      if (text[0] == '"' || i + 1 >= text.size() || text[i + 1] != '\'') return i + 1;
      ++i;  // '' is one quote
    }
  }
  return absl::string_view::npos;
}

bool IsQuoted(absl::string_view text) { return !text.empty() && (text[0] == '"' || text[0] == '\''); }

// Without a comment at the end.
absl::string_view WithoutComment(absl::string_view text) {
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote != 0) {
      const bool escape = text[i] == '\\' && quote == '"';
      const bool doubled = text[i] == '\'' && quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'';
      if (escape || doubled) {
        ++i;
      } else if (text[i] == quote) {
        quote = 0;
      }
    } else if ((text[i] == '"' || text[i] == '\'') &&
               (i == 0 || absl::StrContains(" [,{", absl::string_view(&text[i - 1], 1)))) {
      quote = text[i];
    } else if (text[i] == '#' && (i == 0 || absl::ascii_isspace(static_cast<unsigned char>(text[i - 1])))) {
      return absl::StripTrailingAsciiWhitespace(text.substr(0, i));
    }
  }
  return absl::StripTrailingAsciiWhitespace(text);
}

// "key: rest" or "key:": the length of the key; npos: it is none.
size_t KeyLength(absl::string_view text) {
  size_t i = 0;
  if (IsQuoted(text)) {
    i = EndOfQuoted(text);
    if (i == absl::string_view::npos || i >= text.size() || text[i] != ':') return absl::string_view::npos;
    return i + 1 == text.size() || text[i + 1] == ' ' ? i : absl::string_view::npos;
  }
  if (absl::StartsWith(text, "[")) return absl::string_view::npos;
  for (; i < text.size(); ++i) {
    if (text[i] == ':' && (i + 1 == text.size() || text[i + 1] == ' ')) return i;
  }
  return absl::string_view::npos;
}

bool IsItem(absl::string_view text) { return text == "-" || absl::StartsWith(text, "- "); }

absl::StatusOr<Json> Scalar(const Line& line, absl::string_view text) {
  if (IsQuoted(text)) {
    if (EndOfQuoted(text) != text.size()) return Error(line, "a quoted text does not end where it should");
    const absl::string_view inner = text.substr(1, text.size() - 2);
    if (text[0] == '\'') {
      std::string value;
      for (size_t i = 0; i < inner.size(); ++i) {
        value += inner[i];
        if (inner[i] == '\'') ++i;
      }
      return Json(value);
    }
    if (!absl::StrContains(inner, '\\')) return Json(std::string(inner));
    absl::StatusOr<Json> value = ParseJson(text, "");  // its escapes are YAML's, and the usual ones
    return value.ok() ? value : absl::StatusOr<Json>(Other(line));
  }
  if (text.empty() || text == "~" || text == "null") return Json();
  if (absl::StrContains(kBeginsOtherYaml, text.substr(0, 1))) return Other(line);
  if (absl::StrContains(text, ": ")) return Error(line, "a mapping cannot begin here");
  return Json(std::string(text));
}

absl::StatusOr<Json> FlowSequence(const Line& line, absl::string_view text) {
  Json list = Json::array();
  text = absl::StripAsciiWhitespace(text.substr(1));
  while (!absl::ConsumePrefix(&text, "]")) {
    size_t end = IsQuoted(text) ? EndOfQuoted(text) : text.find_first_of(",]");
    if (end == absl::string_view::npos) return Error(line, "a sequence does not end on its line");
    ASSIGN_OR_RETURN(Json item, Scalar(line, absl::StripTrailingAsciiWhitespace(text.substr(0, end))));
    if (absl::StartsWith(text, "[")) return Other(line);
    list.push_back(std::move(item));
    text = absl::StripLeadingAsciiWhitespace(text.substr(end));
    if (absl::ConsumePrefix(&text, ",")) {
      text = absl::StripLeadingAsciiWhitespace(text);
    } else if (!absl::StartsWith(text, "]")) {
      return Error(line, "a sequence needs commas");
    }
  }
  if (!text.empty()) return Error(line, "something stands behind a sequence");
  return list;
}

class Parser {
 public:
  explicit Parser(std::vector<Line> lines) : lines_(std::move(lines)) {}

  absl::StatusOr<Json> Document() {
    if (lines_.empty()) return Json();
    ASSIGN_OR_RETURN(Json value, Block(lines_[0].indent, 0));
    if (next_ < lines_.size())
      return Error(lines_[next_], "this is indented differently than what it belongs to");
    return value;
  }

 private:
  bool AtLeast(size_t indent) const { return next_ < lines_.size() && lines_[next_].indent >= indent; }
  bool At(size_t indent) const { return next_ < lines_.size() && lines_[next_].indent == indent; }

  absl::StatusOr<Json> Block(size_t indent, int depth) {
    const Line& first = lines_[next_];
    if (depth > kMaxDepth) return Error(first, "this is nested too deep");
    if (IsItem(first.text)) return Sequence(indent, depth);
    if (KeyLength(first.text) != absl::string_view::npos) return Mapping(indent, depth);
    return Value(lines_[next_++], first.text);
  }

  static absl::StatusOr<Json> Value(const Line& line, absl::string_view text) {
    if (absl::StartsWith(text, "[")) return FlowSequence(line, text);
    if (text == "{}") return Json::object();
    return Scalar(line, text);
  }

  absl::StatusOr<Json> Sequence(size_t indent, int depth) {
    Json list = Json::array();
    while (At(indent) && IsItem(lines_[next_].text)) {
      Line& line = lines_[next_];
      const absl::string_view rest = absl::StripLeadingAsciiWhitespace(line.text.substr(1));
      Json item;
      if (rest.empty()) {
        ++next_;
        if (AtLeast(indent + 1)) {
          ASSIGN_OR_RETURN(item, Block(lines_[next_].indent, depth + 1));
        }
      } else {  // what follows the dash is a block that begins on this line
        line.indent += static_cast<size_t>(rest.data() - line.text.data());
        line.text = rest;
        ASSIGN_OR_RETURN(item, Block(line.indent, depth + 1));
      }
      list.push_back(std::move(item));
    }
    return list;
  }

  absl::StatusOr<Json> Mapping(size_t indent, int depth) {
    Json map = Json::object();
    while (At(indent) && !IsItem(lines_[next_].text)) {
      const Line line = lines_[next_];
      const size_t length = KeyLength(line.text);
      if (length == absl::string_view::npos) return Error(line, "a key and a colon are missing");
      ASSIGN_OR_RETURN(Json key, Scalar(line, line.text.substr(0, length)));
      if (!key.is_string()) return Error(line, "a key is missing");
      const std::string name = key.get<std::string>();
      if (map.contains(name)) return Error(line, absl::StrCat(name, " stands here for a second time"));
      const absl::string_view rest = absl::StripLeadingAsciiWhitespace(line.text.substr(length + 1));
      ++next_;
      Json value;
      if (!rest.empty()) {
        ASSIGN_OR_RETURN(value, Value(line, rest));
      } else if (AtLeast(indent + 1) || (At(indent) && IsItem(lines_[next_].text))) {
        ASSIGN_OR_RETURN(value, Block(lines_[next_].indent, depth + 1));
      }
      map[name] = std::move(value);
    }
    return map;
  }

  std::vector<Line> lines_;
  size_t next_ = 0;
};

}  // namespace

absl::StatusOr<Json> ParseSmallYaml(absl::string_view text) {
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");
  std::vector<Line> lines;
  int number = 0;
  for (absl::string_view whole : absl::StrSplit(text, '\n')) {
    Line line;
    line.number = ++number;
    absl::string_view rest = whole;
    while (absl::ConsumePrefix(&rest, " ")) ++line.indent;
    line.text = WithoutComment(rest);
    if (line.text.empty()) continue;
    if (line.text[0] == '\t') return Error(line, "a tab cannot indent");
    if (line.indent == 0 && (line.text == "---" || line.text == "...")) {
      if (!lines.empty() && line.text == "---") return Other(line);
      continue;
    }
    lines.push_back(line);
  }
  return Parser(std::move(lines)).Document();
}

}  // namespace kasane
