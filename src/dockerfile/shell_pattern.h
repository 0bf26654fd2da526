// The patterns of ${name#pattern} and its kin: '*' is any text, '?' any one character, neither of them a
// newline;
// "\*", "\?" and "\\" stand for the character. No bracket expressions.
#ifndef KASANE_SRC_DOCKERFILE_SHELL_PATTERN_H_
#define KASANE_SRC_DOCKERFILE_SHELL_PATTERN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

class ShellPattern {
 public:
  // False: `error` says what is wrong ("invalid escape '\a'").
  static bool Parse(absl::string_view text, ShellPattern* pattern, std::string* error);

  // Takes the shortest (or longest) matching part from the front or the back; `value` itself if nothing
  // matches.
  std::string TrimPrefix(absl::string_view value, bool longest) const;
  std::string TrimSuffix(absl::string_view value, bool longest) const;
  // Replaces the first match, or all. With `all`, "$0" in the replacement is the matched text, "$$" a dollar,
  // and any other "$name" nothing: that is how Go's regexp package, and so BuildKit, reads it.
  // False, once `out` would be longer than kMaxReplaced: each level of a nested word can multiply the length.
  bool Replace(absl::string_view value, absl::string_view replacement, bool all, std::string* out) const;
  static constexpr size_t kMaxReplaced = 1 << 20;  // bytes

 private:
  struct Token {
    enum Kind { kRune, kAny, kStar } kind;
    char32_t rune;
  };
  static constexpr size_t kNone = static_cast<size_t>(-1);
  // The end of the shortest or longest match of `tokens` that begins at `from`, or kNone.
  static size_t MatchEnd(const std::vector<Token>& tokens, const std::vector<char32_t>& value, size_t from,
                         bool longest);

  std::vector<Token> tokens_;
};

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_SHELL_PATTERN_H_
