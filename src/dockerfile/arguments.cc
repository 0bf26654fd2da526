#include "src/dockerfile/arguments.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/text.h"

namespace kasane {
namespace {

// One word from the front of `text`, which begins with no blank. `bare` gets it without quotes and escapes.
// Escapes count inside single quotes only if `escape_in_single`.
absl::string_view TakeWord(absl::string_view text, char escape, bool escape_in_single, std::string* bare) {
  size_t at = 0, end = 0;
  char quote = '\0';
  while (at < text.size()) {
    const Rune rune = DecodeRune(text.substr(at));
    const absl::string_view piece = text.substr(at, rune.size);
    const char c = text[at];
    if (quote == '\0' && IsSpaceRune(rune.value)) break;
    if (c == escape && (quote != '\'' || escape_in_single)) {
      ++at;
      const size_t size = DecodeRune(text.substr(at)).size;
      if (size == 0) return text.substr(0, end);  // at the end: dropped
      absl::StrAppend(bare, text.substr(at, size));
      at += size;
    } else {
      if (quote == '\0' && (c == '\'' || c == '"')) {
        quote = c;
      } else if (quote != '\0' && c == quote) {
        quote = '\0';
      } else {
        absl::StrAppend(bare, piece);
      }
      at += rune.size;
    }
    end = at;
  }
  return text.substr(0, end);
}

}  // namespace

absl::string_view SplitFlags(absl::string_view text, char escape, std::vector<RawFlag>* flags) {
  text = Trim(text);
  while (absl::StartsWith(text, "--")) {
    RawFlag flag;
    flag.part = TakeWord(text, escape, /*escape_in_single=*/true, &flag.text);
    const bool ends = flag.text == "--";
    // An escape character alone at the end belongs to nothing.
    const bool last = flag.part.size() + 1 == text.size() && text.back() == escape;
    text = last ? text.substr(text.size()) : TrimLeft(text.substr(flag.part.size()));
    if (ends) break;
    flags->push_back(std::move(flag));
  }
  return text;
}

std::vector<absl::string_view> SplitBlanks(absl::string_view text) {
  std::vector<absl::string_view> words;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = at;
    while (end < text.size() && !IsBlank(text[end])) ++end;
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end;
    while (at < text.size() && IsBlank(text[at])) ++at;
  }
  return words;
}

std::vector<absl::string_view> SplitQuoted(absl::string_view text, char escape) {
  std::vector<absl::string_view> words;
  text = TrimLeft(text);
  while (!text.empty()) {
    std::string ignored;
    const absl::string_view word = TakeWord(text, escape, /*escape_in_single=*/false, &ignored);
    if (word.empty()) break;  // an escape character alone at the end
    words.push_back(word);
    text = TrimLeft(text.substr(word.size()));
    if (text.size() == 1 && text[0] == escape) break;
  }
  return words;
}

}  // namespace kasane
