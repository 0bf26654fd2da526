// Characters as the Dockerfile language sees them: UTF-8, with Unicode's blanks and letters.
#ifndef KASANE_SRC_DOCKERFILE_TEXT_H_
#define KASANE_SRC_DOCKERFILE_TEXT_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace kasane {

struct Rune {
  char32_t value = 0;
  size_t size = 0;  // in bytes; 0 only at the end of the text
};
// The first character. Malformed bytes come one at a time, as U+FFFD.
Rune DecodeRune(absl::string_view text);
Rune DecodeLastRune(absl::string_view text);

bool IsSpaceRune(char32_t c);  // Unicode's White_Space
// Letters and digits of variable names. Beyond Latin-1 this is an approximation without tables: everything
// counts as a letter that does not lie in a block of punctuation, symbols, marks or private use.
bool IsLetterRune(char32_t c);
bool IsDigitRune(char32_t c);
// Go's strconv.IsPrint, by the same approximation.
bool IsPrintRune(char32_t c);

// The blanks between an instruction's words: tab, vertical tab, form feed, carriage return, space.
inline bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r'; }

absl::string_view TrimLeft(absl::string_view text);  // Unicode blanks
absl::string_view TrimRight(absl::string_view text);
absl::string_view Trim(absl::string_view text);
absl::string_view TrimLineEnd(absl::string_view line);  // all '\r' and '\n' at the end

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_TEXT_H_
