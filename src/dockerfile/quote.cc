#include "src/dockerfile/quote.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "src/dockerfile/text.h"

namespace kasane {

std::string GoQuote(absl::string_view text) {
  static constexpr absl::string_view kSpecial = "\a\b\f\n\r\t\v\\\"", kLetter = "abfnrtv\\\"";
  std::string out = "\"";
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    const absl::string_view piece = text.substr(0, rune.size);
    text.remove_prefix(rune.size);
    const size_t special = rune.value < 0x80 ? kSpecial.find(piece) : absl::string_view::npos;
    if (special != absl::string_view::npos) {
      absl::StrAppend(&out, "\\", kLetter.substr(special, 1));
    } else if (rune.value == 0xFFFD && rune.size == 1) {
      absl::StrAppendFormat(&out, "\\x%02x", static_cast<unsigned char>(piece[0]));
    } else if (IsPrintRune(rune.value)) {
      absl::StrAppend(&out, piece);
    } else if (rune.value < 0x80) {
      absl::StrAppendFormat(&out, "\\x%02x", static_cast<unsigned>(rune.value));
    } else if (rune.value < 0x10000) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(rune.value));
    } else {
      absl::StrAppendFormat(&out, "\\U%08x", static_cast<unsigned>(rune.value));
    }
  }
  return out + "\"";
}

std::string GoQuotedList(const std::vector<std::string>& list) {
  return absl::StrCat(
      "[", absl::StrJoin(list, " ", [](std::string* out, const std::string& s) { *out += GoQuote(s); }), "]");
}

std::string GoList(const std::vector<std::string>& list) {
  return absl::StrCat("[", absl::StrJoin(list, " "), "]");
}

}  // namespace kasane
