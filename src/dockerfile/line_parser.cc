#include "src/dockerfile/line_parser.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/arguments.h"
#include "src/dockerfile/json_array.h"
#include "src/dockerfile/text.h"

namespace kasane {
namespace {

class LineParser {
 public:
  LineParser(const LogicalLine& line, char escape, Diagnostic* error)
      : line_(line), escape_(escape), error_(error) {}

  bool Parse(absl::string_view text, Instruction* out) {
    out->line = std::string(TrimLeft(text));
    text = Trim(text);
    out->range = line_.RangeOf(text);
    size_t end = 0;
    while (end < text.size() && !IsBlank(text[end])) ++end;
    const absl::string_view keyword = text.substr(0, end);
    out->keyword = line_.WordAt(keyword);
    if (keyword.empty()) return Fail(keyword, "an instruction is missing before the end of the line");
    if (!FindInstruction(keyword, &out->kind)) {
      const std::string guess = ClosestMatch(keyword, InstructionNames());
      return Fail(keyword, absl::StrCat("unknown instruction: ", keyword),
                  guess.empty() ? "" : absl::StrCat("did you mean ", guess, "?"));
    }
    std::vector<RawFlag> flags;
    const absl::string_view rest = SplitFlags(text.substr(end), escape_, &flags);
    for (RawFlag& raw : flags) {
      Flag flag;
      flag.range = line_.RangeOf(raw.part);
      const size_t equals = raw.text.find('=');
      flag.has_value = equals != std::string::npos;
      flag.name = raw.text.substr(2, flag.has_value ? equals - 2 : std::string::npos);
      if (flag.has_value) flag.value = raw.text.substr(equals + 1);
      out->flags.push_back(std::move(flag));
    }
    return Arguments(rest, out);
  }

 private:
  bool Fail(absl::string_view part, std::string message, std::string help = "") {
    error_->range = line_.RangeOf(part);
    error_->message = std::move(message);
    error_->help = std::move(help);
    return false;
  }

  bool Arguments(absl::string_view rest, Instruction* out) {
    switch (out->kind) {
      case InstructionKind::kAdd:
      case InstructionKind::kCopy:
      case InstructionKind::kVolume:
        return Json(rest, out) && (out->json || Words(rest, out));
      case InstructionKind::kExpose:
      case InstructionKind::kFrom:
        return Words(rest, out);
      case InstructionKind::kRun:
      case InstructionKind::kCmd:
      case InstructionKind::kEntrypoint:
      case InstructionKind::kShell:
        return Json(rest, out) && (out->json || Whole(rest, out));
      case InstructionKind::kMaintainer:
      case InstructionKind::kStopsignal:
      case InstructionKind::kUser:
      case InstructionKind::kWorkdir:
        return Whole(rest, out);
      case InstructionKind::kHealthcheck:
        return Healthcheck(rest, out);
      case InstructionKind::kEnv:
      case InstructionKind::kLabel:
        return Pairs(rest, out);
      case InstructionKind::kArg:
        return Names(rest, out);
      case InstructionKind::kOnbuild:
        if (rest.empty()) return true;
        out->trigger.emplace_back();
        // With the blanks at the end, which are part of the image's OnBuild.
        rest = line_.text().substr(static_cast<size_t>(rest.data() - line_.text().data()));
        return Parse(rest, &out->trigger.back());
    }
    return true;
  }

  bool Words(absl::string_view rest, Instruction* out) {
    for (absl::string_view word : SplitBlanks(rest)) out->args.push_back(line_.WordAt(word));
    return true;
  }

  bool Whole(absl::string_view rest, Instruction* out) {
    if (!rest.empty()) out->args.push_back(line_.WordAt(rest));
    return true;
  }

  // Tries the JSON form; text that is not JSON is left for the caller.
  bool Json(absl::string_view rest, Instruction* out) {
    std::vector<JsonElement> strings;
    absl::string_view bad;
    switch (ParseJsonArray(rest, &strings, &bad)) {
      case JsonForm::kNotJson:
        return true;
      case JsonForm::kNotString:
        return Fail(bad, "the JSON form takes an array of strings only",
                    absl::StrContains(bad, '"') ? "" : absl::StrCat("write \"", bad, "\""));
      case JsonForm::kStrings:
        out->json = true;
        for (JsonElement& s : strings) out->args.push_back({std::move(s.value), line_.RangeOf(s.part)});
        return true;
    }
    return true;
  }

  bool Healthcheck(absl::string_view rest, Instruction* out) {
    if (rest.empty()) return true;
    size_t end = 0;
    while (end < rest.size() && !IsBlank(rest[end])) ++end;
    out->args.push_back(line_.WordAt(rest.substr(0, end)));
    rest = TrimLeft(rest.substr(end));
    return Json(rest, out) && (out->json || Whole(rest, out));
  }

  // name=value ..., or the legacy form `name rest of the line` if the first word has no '='.
  bool Pairs(absl::string_view rest, Instruction* out) {
    const std::vector<absl::string_view> words = SplitQuoted(rest, escape_);
    if (words.empty()) return true;
    if (!absl::StrContains(words[0], '=')) {
      size_t end = 0;
      while (end < rest.size() && !IsBlank(rest[end])) ++end;
      const absl::string_view key = rest.substr(0, end);
      size_t begin = end;
      while (begin < rest.size() && IsBlank(rest[begin])) ++begin;
      if (begin == rest.size()) {
        return Fail(key, absl::StrCat(InstructionName(out->kind), " must have two arguments"),
                    absl::StrCat("write ", InstructionName(out->kind), " ", key, "=value"));
      }
      KeyValue pair;
      pair.key = line_.WordAt(key);
      pair.value = line_.WordAt(rest.substr(begin));
      pair.legacy = true;
      pair.range = line_.RangeOf(rest);
      out->pairs.push_back(std::move(pair));
      return true;
    }
    for (absl::string_view word : words) {
      if (!absl::StrContains(word, '=')) {
        return Fail(word, absl::StrCat("cannot find '=' in \"", word, "\", it must have the form name=value"),
                    "a value with blanks needs quotes");
      }
      out->pairs.push_back(Pair(word));
    }
    return true;
  }

  bool Names(absl::string_view rest, Instruction* out) {
    for (absl::string_view word : SplitQuoted(rest, escape_)) out->pairs.push_back(Pair(word));
    return true;
  }

  KeyValue Pair(absl::string_view word) {
    KeyValue pair;
    pair.range = line_.RangeOf(word);
    const size_t equals = word.find('=');
    pair.key = line_.WordAt(word.substr(0, equals));
    pair.has_value = equals != absl::string_view::npos;
    if (pair.has_value) pair.value = line_.WordAt(word.substr(equals + 1));
    return pair;
  }

  const LogicalLine& line_;
  const char escape_;
  Diagnostic* error_;
};

}  // namespace

bool ParseLine(const LogicalLine& line, char escape, Instruction* out, Diagnostic* error) {
  out->text = line.OneLine();
  return LineParser(line, escape, error).Parse(line.text(), out);
}

}  // namespace kasane
