#include "src/context/glob.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "src/base/utf8.h"

namespace kasane {
namespace {

// One bound of a class, '\' taken away. False if there is none.
bool TakeBound(absl::string_view* pattern, uint32_t* rune) {
  if (pattern->empty() || pattern->front() == '-' || pattern->front() == ']') return false;
  if (pattern->front() == '\\') {
    pattern->remove_prefix(1);
    if (pattern->empty()) return false;
  }
  bool valid = true;
  *rune = TakeRune(pattern, &valid);
  return valid && !pattern->empty();  // A class must go on: at least its ']' is missing.
}

// Matches the class that stands after a '[' and removes it. `rune` is the character to match. False: bad
// pattern.
bool TakeClass(absl::string_view* pattern, uint32_t rune, bool* match) {
  bool negated = false;
  if (!pattern->empty() && pattern->front() == '^') {
    negated = true;
    pattern->remove_prefix(1);
  }
  bool found = false;
  for (int ranges = 0;; ++ranges) {
    if (ranges > 0 && !pattern->empty() && pattern->front() == ']') {
      pattern->remove_prefix(1);
      *match = found != negated;
      return true;
    }
    uint32_t low;
    if (!TakeBound(pattern, &low)) return false;
    uint32_t high = low;
    if (pattern->front() == '-') {
      pattern->remove_prefix(1);
      if (!TakeBound(pattern, &high)) return false;
    }
    if (low <= rune && rune <= high) found = true;
  }
}

// Matches a pattern without '*' against a prefix of `name` and removes that from it. Reads the pattern to its
// end even when it does not match, for its syntax. False: bad pattern.
bool MatchSegment(absl::string_view pattern, absl::string_view* name, bool* match) {
  *match = true;
  while (!pattern.empty()) {
    if (name->empty()) *match = false;
    char c = pattern.front();
    pattern.remove_prefix(1);
    if (c == '[') {
      const uint32_t rune = *match ? TakeRune(name) : 0;
      bool in_class;
      if (!TakeClass(&pattern, rune, &in_class)) return false;
      if (!in_class) *match = false;
    } else if (c == '?') {
      if (*match && TakeRune(name) == '/') *match = false;
    } else {
      if (c == '\\') {
        if (pattern.empty()) return false;
        c = pattern.front();
        pattern.remove_prefix(1);
      }
      if (!*match) continue;
      if (name->front() != c) *match = false;
      name->remove_prefix(1);
    }
  }
  return true;
}

// Where the first '*' outside of a class stands.
size_t FindStar(absl::string_view pattern) {
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '[') {
      in_class = true;
    } else if (pattern[i] == ']') {
      in_class = false;
    } else if (pattern[i] == '*' && !in_class) {
      return i;
    }
  }
  return pattern.size();
}

bool SyntaxIsGood(absl::string_view pattern) {
  while (!pattern.empty()) {
    const size_t star = FindStar(pattern);
    absl::string_view none;
    bool match;
    if (!MatchSegment(pattern.substr(0, star), &none, &match)) return false;
    pattern.remove_prefix(star < pattern.size() ? star + 1 : star);
  }
  return true;
}

}  // namespace

GlobResult MatchGlob(absl::string_view pattern, absl::string_view name) {
  if (!SyntaxIsGood(pattern)) return GlobResult::kBadPattern;
  bool after_star = false;
  while (true) {
    const size_t star = FindStar(pattern);
    const absl::string_view segment = pattern.substr(0, star);
    const bool last = star == pattern.size();
    if (segment.empty() && last) {
      if (after_star) return !absl::StrContains(name, '/') ? GlobResult::kMatch : GlobResult::kNoMatch;
      return name.empty() ? GlobResult::kMatch : GlobResult::kNoMatch;
    }
    // The leftmost place is as good as any other: what follows a '*' may skip whatever a later place would.
    bool match = false;
    for (absl::string_view start = name;; start.remove_prefix(1)) {
      absl::string_view rest = start;
      MatchSegment(segment, &rest, &match);
      if (match && last && !rest.empty()) match = false;
      if (match) {
        name = rest;
        break;
      }
      if (!after_star || start.empty() || start.front() == '/') return GlobResult::kNoMatch;
    }
    if (last) return GlobResult::kMatch;
    pattern.remove_prefix(star + 1);
    after_star = true;
  }
}

bool HasWildcard(absl::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '[') {
      return true;
    }
  }
  return false;
}

}  // namespace kasane
