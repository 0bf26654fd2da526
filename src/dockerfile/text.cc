#include "src/dockerfile/text.h"

#include <algorithm>
#include <cstdint>

namespace kasane {
namespace {

struct Block {
  char32_t first, last;
};

// Beyond ASCII, neither letters nor digits: punctuation, symbols, marks, separators, private use.
constexpr Block kNoLetters[] = {{0x80, 0xA9},     {0xAB, 0xB4},       {0xB6, 0xB9},       {0xBB, 0xBF},
                                {0xD7, 0xD7},     {0xF7, 0xF7},       {0x300, 0x36F},     {0x1680, 0x1680},
                                {0x2000, 0x2070}, {0x207A, 0x207E},   {0x208A, 0x208E},   {0x20A0, 0x20FF},
                                {0x2190, 0x2BFF}, {0x3000, 0x3004},   {0x3007, 0x3030},   {0xD800, 0xF8FF},
                                {0xFE00, 0xFE6F}, {0xFEFF, 0xFF20},   {0xFF3B, 0xFF40},   {0xFF5B, 0xFF65},
                                {0xFFE0, 0xFFFF}, {0x1F000, 0x1FAFF}, {0xE0000, 0x10FFFF}};

// Never shown as they are by Go's %q.
constexpr Block kNoPrint[] = {{0x7F, 0xA0},       {0xAD, 0xAD},     {0x1680, 0x1680}, {0x180E, 0x180E},
                              {0x2000, 0x200F},   {0x2028, 0x202F}, {0x205F, 0x206F}, {0x3000, 0x3000},
                              {0xD800, 0xF8FF},   {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF},
                              {0xE0000, 0x10FFFF}};

template <size_t N>
bool In(const Block (&blocks)[N], char32_t c) {
  return std::any_of(std::begin(blocks), std::end(blocks),
                     [c](const Block& b) { return b.first <= c && c <= b.last; });
}

}  // namespace

Rune DecodeRune(absl::string_view text) {
  if (text.empty()) return {};
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const Rune bad = {0xFFFD, 1};
  size_t size = 0;
  char32_t value = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2;
    value = lead & 0x1F;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    size = 3;
    value = lead & 0x0F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4;
    value = lead & 0x07;
  } else {
    return bad;
  }
  if (text.size() < size) return bad;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return bad;
    value = value << 6 | (byte(i) & 0x3F);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return bad;
  return {value, size};
}

Rune DecodeLastRune(absl::string_view text) {
  for (size_t size = std::min<size_t>(4, text.size()); size > 1; --size) {
    Rune rune = DecodeRune(text.substr(text.size() - size));
    if (rune.size == size) return rune;
  }
  return text.empty() ? Rune{} : DecodeRune(text.substr(text.size() - 1));
}

bool IsSpaceRune(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool IsLetterRune(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return !In(kNoLetters, c);
}

bool IsDigitRune(char32_t c) { return c >= '0' && c <= '9'; }

bool IsPrintRune(char32_t c) {
  if (c < 0x7F) return c >= ' ';
  return !In(kNoPrint, c);
}

absl::string_view TrimLeft(absl::string_view text) {
  while (true) {
    Rune rune = DecodeRune(text);
    if (rune.size == 0 || !IsSpaceRune(rune.value)) return text;
    text.remove_prefix(rune.size);
  }
}

absl::string_view TrimRight(absl::string_view text) {
  while (true) {
    Rune rune = DecodeLastRune(text);
    if (rune.size == 0 || !IsSpaceRune(rune.value)) return text;
    text.remove_suffix(rune.size);
  }
}

absl::string_view Trim(absl::string_view text) { return TrimRight(TrimLeft(text)); }

absl::string_view TrimLineEnd(absl::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

}  // namespace kasane
