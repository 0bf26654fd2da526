#include "src/trace/name_pattern.h"

#include <cstddef>

namespace kasane {
namespace {

constexpr size_t kNone = absl::string_view::npos;

// The end of the element that begins at `from`, or kNone if it is a class that is not closed, empty or
// backwards.
size_t ElementEnd(absl::string_view pattern, size_t from) {
  if (pattern[from] != '[') return from + 1;
  size_t at = from + 1;
  if (at < pattern.size() && pattern[at] == '^') ++at;
  const size_t first = at;
  while (at < pattern.size() && pattern[at] != ']') {
    if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
      if (static_cast<unsigned char>(pattern[at]) > static_cast<unsigned char>(pattern[at + 2])) return kNone;
      at += 3;
    } else {
      ++at;
    }
  }
  return at < pattern.size() && at > first ? at + 1 : kNone;
}

// `element`: one that ElementEnd found, no star.
bool FitsElement(absl::string_view element, char byte) {
  if (element == "?") return true;
  if (element[0] != '[') return element[0] == byte;
  const bool negated = element[1] == '^';
  const auto value = static_cast<unsigned char>(byte);
  bool in_class = false;
  for (size_t at = negated ? 2 : 1; at + 1 < element.size();) {
    const auto low = static_cast<unsigned char>(element[at]);
    auto high = low;
    size_t next = at + 1;
    if (at + 3 < element.size() && element[at + 1] == '-') {
      high = static_cast<unsigned char>(element[at + 2]);
      next = at + 3;
    }
    in_class = in_class || (low <= value && value <= high);
    at = next;
  }
  return in_class != negated;
}

}  // namespace

bool IsNamePattern(absl::string_view pattern) {
  for (size_t at = 0; at < pattern.size();) {
    at = ElementEnd(pattern, at);
    if (at == kNone) return false;
  }
  return true;
}

bool FitsNamePattern(absl::string_view pattern, absl::string_view name) {
  if (!IsNamePattern(pattern)) return false;
  // After a star, the shortest run that lets the rest fit; only the last star ever has to be tried again.
  size_t star = kNone;
  size_t retry = 0;
  size_t at = 0;
  size_t byte = 0;
  while (byte < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = ++at;
      retry = byte;
      continue;
    }
    if (at < pattern.size()) {
      const size_t end = ElementEnd(pattern, at);
      if (FitsElement(pattern.substr(at, end - at), name[byte])) {
        at = end;
        ++byte;
        continue;
      }
    }
    if (star == kNone) return false;
    at = star;
    byte = ++retry;
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace kasane
