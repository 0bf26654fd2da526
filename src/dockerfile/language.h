// What a Dockerfile may hold: one table, from which the parser and the checks take names and flags, and from
// which `gen --help dockerfile` and docs/DOCKERFILE.md are made.
#ifndef KASANE_SRC_DOCKERFILE_LANGUAGE_H_
#define KASANE_SRC_DOCKERFILE_LANGUAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/dockerfile/ast.h"

namespace kasane {

// `since` is always the version of BuildKit's frontend (docker/dockerfile:N) that took it first; empty: all
// do.

enum class FlagType {
  kText,
  kBool,  // --name, --name=true or --name=false
  kList,  // kText that may be repeated
};

struct FlagInfo {
  absl::string_view name;  // without dashes
  FlagType type = FlagType::kText;
  absl::string_view operand;  // what stands behind the '=', for people
  absl::string_view since;
  absl::string_view note;
};

struct InstructionInfo {
  InstructionKind kind = InstructionKind::kFrom;
  absl::string_view name;  // upper case
  absl::string_view form;  // without flags; several are separated by newlines
  absl::string_view since;
  absl::string_view note;
  std::vector<FlagInfo> flags;
};

// What else there is: directives, heredocs, types of mounts, forms of variables, variables that are always
// set.
struct LanguageRow {
  absl::string_view form;
  absl::string_view since;
  absl::string_view note;
};
struct LanguageSection {
  absl::string_view title;
  std::vector<LanguageRow> rows;
};

// In the order of InstructionKind.
const std::vector<InstructionInfo>& Instructions();
const InstructionInfo& InstructionInfoOf(InstructionKind kind);
const std::vector<LanguageSection>& LanguageSections();

// The table for a terminal, and as Markdown.
std::string LanguageText();
std::string LanguageMarkdown();

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_LANGUAGE_H_
