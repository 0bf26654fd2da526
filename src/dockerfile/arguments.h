// The argument grammars of instructions: how the text behind the keyword falls apart into flags and words.
// All parts returned point into the text given.
#ifndef KASANE_SRC_DOCKERFILE_ARGUMENTS_H_
#define KASANE_SRC_DOCKERFILE_ARGUMENTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

// A flag as written, and its text without quotes and escapes.
struct RawFlag {
  absl::string_view part;
  std::string text;  // "--from=build stage"
};
// Takes the words that begin with "--" off the front; a bare "--" ends them and is dropped. Returns what
// follows, blanks at both ends trimmed.
absl::string_view SplitFlags(absl::string_view text, char escape, std::vector<RawFlag>* flags);

// Words between blanks; quotes and escapes mean nothing. `text` is trimmed.
std::vector<absl::string_view> SplitBlanks(absl::string_view text);

// Words between blanks that are neither quoted nor escaped; quotes and escapes stay in them. An unclosed
// quote runs to the end; an escape character at the very end is dropped.
std::vector<absl::string_view> SplitQuoted(absl::string_view text, char escape);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_ARGUMENTS_H_
