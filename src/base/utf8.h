// UTF-8 as Go reads it: a byte that belongs to no valid character is a character of its own, U+FFFD.
#ifndef KASANE_SRC_BASE_UTF8_H_
#define KASANE_SRC_BASE_UTF8_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace kasane {

// Removes the first character of `text`, which is not empty, and returns it. `valid` (may be null) is set to
// false if it was a stray byte.
uint32_t TakeRune(absl::string_view* text, bool* valid = nullptr);

// True if there is no stray byte in it.
bool IsUtf8(absl::string_view text);

bool IsAscii(absl::string_view text);

// `text` with each stray byte replaced by U+FFFD.
std::string ReplaceStrayBytes(absl::string_view text);

// `text` without the Unicode white space at both ends.
absl::string_view TrimSpace(absl::string_view text);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_UTF8_H_
