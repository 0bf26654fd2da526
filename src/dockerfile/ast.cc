#include "src/dockerfile/ast.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/language.h"

namespace kasane {

const std::vector<std::string>& InstructionNames() {
  static const auto* const kNames = [] {
    auto* names = new std::vector<std::string>;
    for (const InstructionInfo& info : Instructions()) names->emplace_back(info.name);
    return names;
  }();
  return *kNames;
}

absl::string_view InstructionName(InstructionKind kind) { return InstructionInfoOf(kind).name; }

bool FindInstruction(absl::string_view name, InstructionKind* kind) {
  const std::vector<std::string>& names = InstructionNames();
  for (size_t i = 0; i < names.size(); ++i) {
    if (!absl::EqualsIgnoreCase(name, names[i])) continue;
    *kind = static_cast<InstructionKind>(i);
    return true;
  }
  return false;
}

std::string Flag::ToString() const { return absl::StrCat("--", name, has_value ? "=" : "", value); }

const Directive* DockerfileAst::FindDirective(absl::string_view name) const {
  for (const Directive& directive : directives) {
    if (directive.name == name) return &directive;
  }
  return nullptr;
}

}  // namespace kasane
