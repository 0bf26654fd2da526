#include "src/dockerfile/parser.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/heredoc.h"
#include "src/dockerfile/line_parser.h"
#include "src/dockerfile/logical_line.h"
#include "src/dockerfile/text.h"

namespace kasane {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// A physical line: its number, its bytes with and without line end, and the column at which they begin.
struct Line {
  int number = 0;
  int column = 1;
  absl::string_view raw;
  absl::string_view text;
};

bool IsComment(absl::string_view line) { return absl::StartsWith(TrimLeft(line), "#"); }

class Parser {
 public:
  Parser(absl::string_view file, absl::string_view source, std::vector<Diagnostic>* diagnostics)
      : source_(source), diagnostics_(diagnostics) {
    ast_.file = std::string(file);
  }

  absl::optional<DockerfileAst> Run() {
    Line line;
    while (Read(&line)) {
      if (!TopLevel(line)) return absl::nullopt;
    }
    if (failed_) return absl::nullopt;
    if (ast_.instructions.empty()) {
      Fail({}, "the file has no instructions", "a Dockerfile begins with FROM");
      return absl::nullopt;
    }
    return std::move(ast_);
  }

 private:
  // The next physical line. False: the end, or (failed_) a line that is too long.
  bool Read(Line* line) {
    if (failed_ || at_ == source_.size()) return false;
    const size_t newline = source_.find('\n', at_);
    const size_t end = newline == absl::string_view::npos ? source_.size() : newline + 1;
    line->number = ++number_;
    line->column = 1;
    line->raw = source_.substr(at_, end - at_);
    at_ = end;
    const size_t size = line->raw.size() - (newline == absl::string_view::npos ? 0 : 1);
    if (size > kMaxDockerfileLine) {
      return Fail({number_, 1, number_, 1},
                  absl::StrCat("the line is longer than ", kMaxDockerfileLine, " bytes: ", size));
    }
    if (number_ == 1 && absl::StartsWith(line->raw, kByteOrderMark)) {
      line->raw.remove_prefix(kByteOrderMark.size());
      line->column += static_cast<int>(kByteOrderMark.size());
    }
    line->text = TrimLineEnd(line->raw);
    return true;
  }

  bool Fail(const SourceRange& range, std::string message, std::string help = "") {
    Diagnostic d;
    d.file = ast_.file;
    d.range = range;
    d.message = std::move(message);
    d.help = std::move(help);
    diagnostics_->push_back(std::move(d));
    failed_ = true;
    return false;
  }

  static SourceRange RangeIn(const Line& line, absl::string_view part) {
    const int column = line.column + static_cast<int>(part.data() - line.raw.data());
    return {line.number, column, line.number, column + static_cast<int>(part.size())};
  }

  bool TopLevel(const Line& line) {
    const absl::string_view text = TrimLeft(line.text);
    if (directives_open_) {
      bool taken = false;
      if (!TakeDirective(line, text, &taken)) return false;
      if (taken) return true;
      directives_open_ = false;
    }
    if (text.empty()) return true;
    if (text[0] == '#') {
      const absl::string_view comment = Trim(text.substr(1));
      if (comment.empty()) {
        comments_.clear();
      } else {
        comments_.push_back({std::string(comment), RangeIn(line, comment)});
      }
      return true;
    }
    return TakeInstruction(line, text);
  }

  // "# name = value". An unknown name, like any other line, ends the directives.
  bool TakeDirective(const Line& line, absl::string_view text, bool* taken) {
    if (!absl::StartsWith(text, "#")) return true;
    const absl::string_view whole = TrimRight(text);
    absl::string_view rest = TrimLeft(whole.substr(1));
    size_t end = 0;
    while (end < rest.size() && absl::ascii_isalnum(static_cast<unsigned char>(rest[end]))) ++end;
    const std::string name = absl::AsciiStrToLower(rest.substr(0, end));
    rest = absl::StripLeadingAsciiWhitespace(rest.substr(end));
    if (!absl::StartsWith(rest, "=")) return true;
    const absl::string_view value = absl::StripAsciiWhitespace(rest.substr(1));
    if (value.empty() || (name != "syntax" && name != "escape" && name != "check")) return true;
    if (ast_.FindDirective(name) != nullptr) {
      return Fail(RangeIn(line, whole), absl::StrCat("only one ", name, " directive can be used"));
    }
    if (name == "escape") {
      if (value != "\\" && value != "`") {
        return Fail(RangeIn(line, value), absl::StrCat("invalid escape character '", value, "'"),
                    "it can be \\ or `");
      }
      ast_.escape = value[0];
    }
    ast_.directives.push_back({name, {std::string(value), RangeIn(line, value)}, RangeIn(line, whole)});
    *taken = true;
    return true;
  }

  // Appends a physical line; true: it ends in a continuation character, which is left out with the blanks
  // behind it.
  bool Append(const Line& line, absl::string_view text, LogicalLine* out) const {
    size_t end = text.size();
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\t')) --end;
    const bool continues =
        end > 0 && text[end - 1] == ast_.escape && (end < 2 || text[end - 2] != ast_.escape);
    if (continues) text = text.substr(0, end - 1);
    out->Append(text, line.number, RangeIn(line, text).column);
    return continues;
  }

  bool TakeInstruction(const Line& first, absl::string_view text) {
    LogicalLine logical;
    int empty_line = 0;
    bool continues = Append(first, text, &logical);
    Line line;
    while (continues && Read(&line)) {
      if (IsComment(line.text)) continue;
      if (TrimLeft(line.text).empty()) {
        if (empty_line == 0) empty_line = line.number;
        continue;
      }
      continues = Append(line, line.text, &logical);
    }
    if (failed_) return false;
    if (empty_line != 0) {
      ast_.empty_continuations.push_back({{empty_line, 1, empty_line, 1}, {number_, 1, number_, 1}});
    }
    Instruction instruction;
    Diagnostic error;
    if (!ParseLine(logical, ast_.escape, &instruction, &error)) {
      if (error.range.line == 0) error.range = {first.number, 1, first.number, 1};
      return Fail(error.range, std::move(error.message), std::move(error.help));
    }
    instruction.comments = std::exchange(comments_, {});
    if (!TakeHeredocs(logical, &instruction)) return false;
    ast_.instructions.push_back(std::move(instruction));
    return true;
  }

  bool TakeHeredocs(const LogicalLine& logical, Instruction* instruction) {
    Instruction* owner = instruction->trigger.empty() ? instruction : &instruction->trigger[0];
    const bool allowed = owner->kind == InstructionKind::kRun || owner->kind == InstructionKind::kCopy ||
                         owner->kind == InstructionKind::kAdd;
    if (!allowed || owner->json) return true;
    std::vector<OpenedHeredoc> opened;
    std::string error;
    if (!FindHeredocs(logical.text(), &opened, &error)) {
      return Fail(owner->range, absl::StrCat("cannot read the name of the heredoc: ", error));
    }
    for (OpenedHeredoc& o : opened) {
      o.heredoc.range = logical.RangeOf(o.word);
      if (!TakeBody(&o.heredoc)) return false;
      owner->range.end_line = instruction->range.end_line = o.heredoc.body_range.end_line;
      owner->range.end_column = instruction->range.end_column = o.heredoc.body_range.end_column;
      owner->heredocs.push_back(std::move(o.heredoc));
    }
    return true;
  }

  bool TakeBody(Heredoc* heredoc) {
    Line line;
    bool first = true;
    while (Read(&line)) {
      if (first) heredoc->body_range = {line.number, line.column, line.number, line.column};
      first = false;
      absl::string_view text = line.text;
      if (heredoc->strip_tabs) text.remove_prefix(std::min(text.find_first_not_of('\t'), text.size()));
      if (text == heredoc->name) {
        heredoc->body_range.end_line = line.number;
        heredoc->body_range.end_column = RangeIn(line, text).end_column;
        return true;
      }
      absl::StrAppend(&heredoc->body, line.raw);
    }
    if (failed_) return false;
    return Fail(heredoc->range,
                absl::StrCat("unterminated heredoc: no line holds just \"", heredoc->name, "\""));
  }

  absl::string_view source_;
  size_t at_ = 0;
  int number_ = 0;
  bool directives_open_ = true;
  bool failed_ = false;
  std::vector<Word> comments_;
  DockerfileAst ast_;
  std::vector<Diagnostic>* diagnostics_;
};

}  // namespace

absl::optional<DockerfileAst> ParseDockerfile(absl::string_view file, absl::string_view source,
                                              std::vector<Diagnostic>* diagnostics) {
  return Parser(file, source, diagnostics).Run();
}

}  // namespace kasane
