#include "src/dockerfile/lint_syntax.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

bool IsLower(absl::string_view text) { return absl::AsciiStrToLower(text) == text; }
bool IsUpper(absl::string_view text) { return absl::AsciiStrToUpper(text) == text; }

void LintFrom(const Instruction& in, Linter* linter) {
  if (in.args.size() == 3 && !IsLower(in.args[2].text)) {
    linter->Warn(
        lint::kStageNameCasing, in.args[2].range, in.comments,
        absl::StrCat("the stage name ", in.args[2].text, " is not in lower case"),
        absl::StrCat("write ", absl::AsciiStrToLower(in.args[2].text), "; stages are found in any case"));
  }
  if (in.args.size() < 3) return;
  const std::string& keyword = in.keyword.text;
  // A FROM of mixed case is another rule's.
  if (!IsLower(keyword) && !IsUpper(keyword)) return;
  const Word& as = in.args[1];
  if (IsLower(keyword) ? IsLower(as.text) : IsUpper(as.text)) return;
  linter->Warn(lint::kFromAsCasing, as.range, in.comments,
               absl::StrCat("\"", as.text, "\" is not in the case of its \"", keyword, "\""),
               absl::StrCat("write ", IsLower(keyword) ? "as" : "AS"));
}

// BuildKit does not look at them, so they are no errors.
void LintFlags(const Instruction& in, Linter* linter) {
  for (const Flag& flag : in.flags) {
    linter->Warn(lint::kIgnoredFlag, flag.range, in.comments,
                 absl::StrCat("flags of ", InstructionName(in.kind), " mean nothing"), "take it away");
  }
}

// The comment just above is meant for one of the names, or is not meant as a description.
void LintDescription(const Instruction& in, const std::vector<std::string>& names, Linter* linter) {
  if (in.comments.empty() || names.empty()) return;
  const Word& comment = in.comments.back();
  const std::string first = comment.text.substr(0, comment.text.find(' '));
  if (std::find(names.begin(), names.end(), first) != names.end()) return;
  const std::string name = names.size() == 1 ? names[0] : "NAME";
  linter->Warn(lint::kInvalidDefinitionDescription, comment.range, in.comments,
               absl::StrCat("the comment above ", InstructionName(in.kind), " does not begin with ",
                            names.size() == 1 ? name : "one of its names"),
               absl::StrCat("write # ", name, " TEXT, or put a line with # alone between them"));
}

void LintCasing(const Instruction& in, bool lower, Linter* linter) {
  if (lower ? IsLower(in.keyword.text) : IsUpper(in.keyword.text)) return;
  const std::string wanted =
      lower ? absl::AsciiStrToLower(in.keyword.text) : absl::AsciiStrToUpper(in.keyword.text);
  linter->Warn(lint::kConsistentInstructionCasing, in.keyword.range,
               absl::StrCat("most instructions are in ", lower ? "lower" : "upper", " case, ",
                            in.keyword.text, " is not"),
               absl::StrCat("write ", wanted));
}

// The instructions of stages: what stands above the first FROM does not count.
std::vector<const Instruction*> InStages(const DockerfileAst& ast) {
  std::vector<const Instruction*> out;
  for (const Instruction& in : ast.instructions) {
    if (in.kind == InstructionKind::kFrom || !out.empty()) out.push_back(&in);
  }
  return out;
}

}  // namespace

void LintLines(const DockerfileAst& ast, Linter* linter) {
  for (const EmptyContinuation& empty : ast.empty_continuations) {
    linter->Warn(lint::kNoEmptyContinuation, empty.first, "an empty line inside of an instruction",
                 "take it away, or put a comment there");
  }
}

void LintRuleNames(const DockerfileAst& ast, const std::string* given, Linter* linter) {
  std::vector<std::string> known;
  for (const LintRule* rule : LintRules()) known.emplace_back(rule->name);
  const auto lint = [&](const std::vector<Word>& names) {
    for (const Word& name : names) {
      if (FindLintRule(name.text) != nullptr) continue;
      const std::string guess = ClosestMatch(name.text, known);
      linter->Warn(lint::kUnknownRule, name.range, absl::StrCat("there is no rule ", name.text),
                   guess.empty() ? "rules are named as in the warnings, with capitals"
                                 : absl::StrCat("did you mean ", guess, "?"));
    }
  };
  if (given != nullptr) {
    lint(RulesNamedIn(*given, {}));
  } else if (const Directive* directive = ast.FindDirective("check")) {
    lint(RulesNamedIn(CheckDirectiveText(ast), directive->value.range));
  }
  for (const Instruction& in : ast.instructions) {
    const CheckComment comment = FindCheckComment(in.comments);
    CheckOptions read;
    std::string error;
    if (ParseCheckOptions(comment.value, &read, &error)) lint(RulesNamedIn(comment.value, comment.range));
  }
}

void LintInstruction(const Instruction& in, Linter* linter) {
  std::vector<std::string> names;
  switch (in.kind) {
    case InstructionKind::kMaintainer:
      linter->Warn(lint::kMaintainerDeprecated, in.keyword.range, in.comments, "MAINTAINER is deprecated",
                   absl::StrCat("write LABEL org.opencontainers.image.authors=\"",
                                in.args.empty() ? "NAME" : in.args[0].text, "\""));
      return;
    case InstructionKind::kFrom:
      LintFrom(in, linter);
      if (in.args.size() == 3) names.push_back(absl::AsciiStrToLower(in.args[2].text));
      break;
    case InstructionKind::kStopsignal:
      LintFlags(in, linter);
      return;
    case InstructionKind::kArg:
      LintFlags(in, linter);
      for (const KeyValue& pair : in.pairs) names.push_back(pair.key.text);
      break;
    default:
      return;
  }
  LintDescription(in, names, linter);
}

void LintFile(const DockerfileAst& ast, Linter* linter) {
  const std::vector<const Instruction*> instructions = InStages(ast);
  std::set<std::string> names;
  for (const Instruction* in : instructions) {
    if (in->kind != InstructionKind::kFrom || in->args.size() != 3) continue;
    const std::string name = absl::AsciiStrToLower(in->args[2].text);
    if (name == "scratch" || name == "context") {
      linter->Warn(lint::kReservedStageName, in->args[2].range,
                   absl::StrCat("\"", name, "\" means something else than a stage"),
                   "give the stage another name");
    }
    if (!names.insert(name).second) {
      linter->Warn(lint::kDuplicateStageName, in->args[2].range,
                   absl::StrCat("a stage above is called ", name, " too"),
                   "give one of them another name; from here on the name means this one");
    }
  }
  int lower = 0, upper = 0;
  for (const Instruction* in : instructions) {
    if (IsLower(in->keyword.text)) {
      ++lower;
    } else if (IsUpper(in->keyword.text)) {
      ++upper;
    }
  }
  for (const Instruction* in : instructions) LintCasing(*in, lower > upper, linter);
}

}  // namespace kasane
