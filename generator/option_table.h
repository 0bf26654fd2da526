// The options of gen: what is parsed by, and what `gen --help` shows.
#ifndef KASANE_GENERATOR_OPTION_TABLE_H_
#define KASANE_GENERATOR_OPTION_TABLE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "generator/option_values.h"

namespace kasane {

struct OptionInfo {
  const char* name;
  char letter;          // 0: none
  const char* operand;  // for the help text; null: a switch
  const char* help;     // null: not shown
  Problem (*set)(absl::string_view value, Environment environment, Options* options);
};

absl::Span<const OptionInfo> AllOptions();
const OptionInfo* FindOption(absl::string_view name);  // without dashes; null: there is none
std::string OptionClosestTo(absl::string_view name);   // for did-you-mean; may be empty

}  // namespace kasane

#endif  // KASANE_GENERATOR_OPTION_TABLE_H_
