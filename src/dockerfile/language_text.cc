#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "src/dockerfile/language.h"

namespace kasane {
namespace {

constexpr size_t kNoteColumn = 34;

std::string FlagForm(const FlagInfo& flag) {
  if (flag.type == FlagType::kBool) return absl::StrCat("--", flag.name, "[=true|false]");
  return absl::StrCat("--", flag.name, "=", flag.operand);
}

std::string FlagNote(const FlagInfo& flag) {
  return absl::StrCat(flag.note, flag.type == FlagType::kList ? "; may be repeated" : "");
}

// "form     note (since 1.4)", the note on a line of its own where the form is long.
void AddLine(absl::string_view form, absl::string_view note, absl::string_view since, std::string* out) {
  std::string line = absl::StrCat("    ", form);
  if (line.size() + 2 > kNoteColumn) {
    absl::StrAppend(out, line, "\n");
    line.clear();
  }
  line.resize(kNoteColumn, ' ');
  absl::StrAppend(out, line, note, since.empty() ? "" : absl::StrCat(" (since ", since, ")"), "\n");
}

std::string Code(absl::string_view text) {
  // Two backquotes where one stands in the text; '|' would end the cell.
  const absl::string_view mark = absl::StrContains(text, '`') ? "``" : "`";
  return absl::StrCat(mark, absl::StrReplaceAll(text, {{"|", "\\|"}}), mark);
}

std::string Cell(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"*", "\\*"}, {"`", "\\`"}, {"\\ ", "\\\\ "}});
}

}  // namespace

std::string LanguageText() {
  std::string out =
      "What gen takes of the Dockerfile language: all of BuildKit's frontend 1.28. \"since\" is the version\n"
      "of that frontend (docker/dockerfile:N) in which it came.\n";
  for (const InstructionInfo& in : Instructions()) {
    absl::StrAppend(&out, "\n");
    for (absl::string_view form : absl::StrSplit(in.form, '\n')) {
      absl::StrAppend(&out, in.name, in.flags.empty() ? "" : " [FLAG]...", " ", form, "\n");
    }
    absl::StrAppend(&out, "  ", in.note, in.since.empty() ? "" : absl::StrCat(" (since ", in.since, ")"),
                    "\n");
    for (const FlagInfo& flag : in.flags) AddLine(FlagForm(flag), FlagNote(flag), flag.since, &out);
  }
  for (const LanguageSection& section : LanguageSections()) {
    absl::StrAppend(&out, "\n", section.title, ":\n");
    for (const LanguageRow& row : section.rows) AddLine(row.form, row.note, row.since, &out);
  }
  return out;
}

std::string LanguageMarkdown() {
  std::string out =
      "# What gen takes\n"
      "\n"
      "The Dockerfile language of BuildKit's frontend 1.28, from the table that the parser itself uses\n"
      "(`src/dockerfile/language_table.cc`). \"Since\" is the version of that frontend in which something "
      "came;\n"
      "empty: it was always there. Made by `gen --help dockerfile.md > docs/DOCKERFILE.md`; a test says when "
      "it is\n"
      "not current. What differs from BuildKit, and what is missing, stands in "
      "[DIFFERENCES.md](DIFFERENCES.md).\n"
      "\n"
      "## Instructions\n"
      "\n"
      "| instruction | since | notes |\n"
      "| --- | --- | --- |\n";
  for (const InstructionInfo& in : Instructions()) {
    std::vector<std::string> forms;
    for (absl::string_view form : absl::StrSplit(in.form, '\n')) {
      forms.push_back(Code(absl::StrCat(in.name, in.flags.empty() ? "" : " [FLAG]...", " ", form)));
    }
    absl::StrAppend(&out, "| ", absl::StrJoin(forms, "<br>"), " | ", in.since, " | ", Cell(in.note), " |\n");
  }
  absl::StrAppend(&out, "\n## Flags\n\n| instruction | flag | since | notes |\n| --- | --- | --- | --- |\n");
  for (const InstructionInfo& in : Instructions()) {
    for (const FlagInfo& flag : in.flags) {
      absl::StrAppend(&out, "| ", in.name, " | ", Code(FlagForm(flag)), " | ", flag.since, " | ",
                      Cell(FlagNote(flag)), " |\n");
    }
  }
  for (const LanguageSection& section : LanguageSections()) {
    absl::StrAppend(&out, "\n## ", section.title, "\n\n| form | since | notes |\n| --- | --- | --- |\n");
    for (const LanguageRow& row : section.rows) {
      absl::StrAppend(&out, "| ", Code(row.form), " | ", row.since, " | ", Cell(row.note), " |\n");
    }
  }
  return out;
}

}  // namespace kasane
