#include "src/base/utf8.h"

#include <algorithm>
#include <cstddef>

namespace kasane {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

bool IsSpace(uint32_t rune) {
  return (rune >= '\t' && rune <= '\r') || rune == ' ' || rune == 0x85 || rune == 0xA0 || rune == 0x1680 ||
         (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 || rune == 0x202F ||
         rune == 0x205F || rune == 0x3000;
}

// The bytes of the character that ends at the end of `text`.
size_t LastRuneSize(absl::string_view text) {
  for (size_t size = std::min<size_t>(4, text.size()); size > 1; --size) {
    absl::string_view tail = text.substr(text.size() - size);
    bool valid = true;
    TakeRune(&tail, &valid);
    if (valid && tail.empty()) return size;
  }
  return 1;
}

}  // namespace

uint32_t TakeRune(absl::string_view* text, bool* valid) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>((*text)[i]); };
  const unsigned char first = byte(0);
  const size_t size = first < 0x80                    ? 1
                      : first >= 0xC2 && first < 0xE0 ? 2
                      : first >= 0xE0 && first < 0xF0 ? 3
                      : first >= 0xF0 && first < 0xF5 ? 4
                                                      : 0;
  bool good = size != 0 && size <= text->size();
  uint32_t rune = size == 1 ? first : first & (0xFFu >> (size + 1));
  for (size_t i = 1; good && i < size; ++i) {
    good = (byte(i) & 0xC0) == 0x80;
    rune = rune << 6 | (byte(i) & 0x3Fu);
  }
  // Too long an encoding, half of a surrogate pair, beyond Unicode.
  if (size == 3 && (rune < 0x800 || (rune >= 0xD800 && rune < 0xE000))) good = false;
  if (size == 4 && (rune < 0x10000 || rune > 0x10FFFF)) good = false;
  if (!good && valid != nullptr) *valid = false;
  text->remove_prefix(good ? size : 1);
  return good ? rune : kReplacement;
}

bool IsUtf8(absl::string_view text) {
  bool valid = true;
  while (!text.empty() && valid) TakeRune(&text, &valid);
  return valid;
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string ReplaceStrayBytes(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    const absl::string_view before = text;
    bool valid = true;
    TakeRune(&text, &valid);
    const absl::string_view rune = before.substr(0, before.size() - text.size());
    out.append(valid ? rune.data() : "\xEF\xBF\xBD", valid ? rune.size() : 3);
  }
  return out;
}

absl::string_view TrimSpace(absl::string_view text) {
  while (!text.empty()) {
    absl::string_view rest = text;
    if (!IsSpace(TakeRune(&rest))) break;
    text = rest;
  }
  while (!text.empty()) {
    const size_t size = LastRuneSize(text);
    absl::string_view tail = text.substr(text.size() - size);
    if (!IsSpace(TakeRune(&tail))) break;
    text.remove_suffix(size);
  }
  return text;
}

}  // namespace kasane
