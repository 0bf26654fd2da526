// Patterns of file names, as profiles write them: of temporary files whose names are random, of words and
// variables.
#ifndef KASANE_SRC_TRACE_NAME_PATTERN_H_
#define KASANE_SRC_TRACE_NAME_PATTERN_H_

#include "absl/strings/string_view.h"

namespace kasane {

// '*' is any run of bytes, '?' any one byte, "[a-zA-Z0-9]" one byte of the class ('-' between two bytes is a
// range; a class may begin with '^', then it is one byte that is not of it). Nothing is quoted: write "[*]"
// for a star. False: a class is open, empty, or has a range that runs backwards.
bool IsNamePattern(absl::string_view pattern);

// Whether all of `name` fits. A bad pattern fits nothing. Linear in the pattern times the name at worst.
bool FitsNamePattern(absl::string_view pattern, absl::string_view name);

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_NAME_PATTERN_H_
