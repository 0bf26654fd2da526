#include "src/dockerfile/shell_pattern.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/text.h"

namespace kasane {
namespace {

// A value as characters, with the byte offset of each (and of the end).
struct Runes {
  explicit Runes(absl::string_view text) : text(text) {
    for (size_t i = 0; i < text.size();) {
      const Rune rune = DecodeRune(text.substr(i));
      // Malformed bytes stay distinct from each other and from every character.
      const bool bad = rune.value == 0xFFFD && rune.size == 1;
      runes.push_back(bad ? 0x110000 + static_cast<unsigned char>(text[i]) : rune.value);
      offsets.push_back(i);
      i += rune.size;
    }
    offsets.push_back(text.size());
  }
  absl::string_view Part(size_t begin, size_t end) const {
    return text.substr(offsets[begin], offsets[end] - offsets[begin]);
  }
  absl::string_view text;
  std::vector<char32_t> runes;
  std::vector<size_t> offsets;
};

bool IsNameChar(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// A replacement as Go's Regexp.Expand reads it, for a pattern without groups.
std::string ExpandTemplate(absl::string_view text, absl::string_view match) {
  std::string out;
  while (!text.empty()) {
    const size_t dollar = text.find('$');
    out.append(text.data(), std::min(dollar, text.size()));
    if (dollar == absl::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    if (!text.empty() && text[0] == '$') {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    const bool braces = !text.empty() && text[0] == '{';
    size_t end = braces ? 1 : 0;
    while (end < text.size() && IsNameChar(text[end])) ++end;
    const absl::string_view name = text.substr(braces ? 1 : 0, end - (braces ? 1 : 0));
    const bool closed = !braces || (end < text.size() && text[end] == '}');
    if (name.empty() || !closed) {
      out += '$';  // no name: the dollar stands for itself
      continue;
    }
    text.remove_prefix(end + (braces ? 1 : 0));
    if (name == "0") out.append(match.data(), match.size());
  }
  return out;
}

}  // namespace

bool ShellPattern::Parse(absl::string_view text, ShellPattern* pattern, std::string* error) {
  pattern->tokens_.clear();
  while (!text.empty()) {
    Rune rune = DecodeRune(text);
    if (rune.value == 0xFFFD && rune.size == 1) rune.value = 0x110000 + static_cast<unsigned char>(text[0]);
    text.remove_prefix(rune.size);
    if (rune.value == '*') {
      pattern->tokens_.push_back({Token::kStar, 0});
    } else if (rune.value == '?') {
      pattern->tokens_.push_back({Token::kAny, 0});
    } else if (rune.value == '\\') {
      const char next = text.empty() ? '\0' : text[0];
      // "\}" and "\/" keep ${...} together; the backslash is not part of the pattern.
      if (next == '}' || next == '/') continue;
      if (next != '*' && next != '?' && next != '\\') {
        const Rune bad = DecodeRune(text);
        *error = absl::StrCat("invalid escape '\\", text.substr(0, bad.size), "'");
        return false;
      }
      text.remove_prefix(1);
      pattern->tokens_.push_back({Token::kRune, static_cast<char32_t>(next)});
    } else {
      pattern->tokens_.push_back({Token::kRune, rune.value});
    }
  }
  return true;
}

size_t ShellPattern::MatchEnd(const std::vector<Token>& tokens, const std::vector<char32_t>& value,
                              size_t from, bool longest) {
  // All states of the pattern at once: state i has matched the first i tokens.
  std::vector<char> states(tokens.size() + 1), next;
  const auto skip_stars = [&](std::vector<char>* set) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      if ((*set)[i] && tokens[i].kind == Token::kStar) (*set)[i + 1] = 1;
    }
  };
  states[0] = 1;
  skip_stars(&states);
  size_t end = kNone;
  for (size_t at = from;; ++at) {
    if (states.back()) {
      end = at;
      if (!longest) return end;
    }
    if (at == value.size()) return end;
    const char32_t c = value[at];
    next.assign(states.size(), 0);
    bool alive = false;
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (!states[i]) continue;
      const Token& token = tokens[i];
      if (token.kind == Token::kStar && c != '\n') {
        next[i] = 1;
        alive = true;
      } else if ((token.kind == Token::kAny && c != '\n') ||
                 (token.kind == Token::kRune && token.rune == c)) {
        next[i + 1] = 1;
        alive = true;
      }
    }
    if (!alive) return end;
    skip_stars(&next);
    states.swap(next);
  }
}

std::string ShellPattern::TrimPrefix(absl::string_view value, bool longest) const {
  const Runes runes(value);
  const size_t end = MatchEnd(tokens_, runes.runes, 0, longest);
  return std::string(end == kNone ? value : runes.Part(end, runes.runes.size()));
}

std::string ShellPattern::TrimSuffix(absl::string_view value, bool longest) const {
  // The front of the mirrored value, by the mirrored pattern.
  const Runes runes(value);
  const std::vector<Token> tokens(tokens_.rbegin(), tokens_.rend());
  const std::vector<char32_t> mirrored(runes.runes.rbegin(), runes.runes.rend());
  const size_t size = MatchEnd(tokens, mirrored, 0, longest);
  return std::string(size == kNone ? value : runes.Part(0, mirrored.size() - size));
}

bool ShellPattern::Replace(absl::string_view value, absl::string_view replacement, bool all,
                           std::string* out) const {
  const Runes runes(value);
  const size_t size = runes.runes.size();
  out->clear();
  size_t done = 0;  // end of the last match: everything before it is in `out`
  for (size_t at = 0; at <= size;) {
    const size_t end = MatchEnd(tokens_, runes.runes, at, /*longest=*/true);
    if (end == kNone) {
      ++at;
      continue;
    }
    absl::StrAppend(out, runes.Part(done, at));
    if (!all) {
      absl::StrAppend(out, replacement, runes.Part(end, size));
      return out->size() <= kMaxReplaced;
    }
    // An empty match just behind another match does not count.
    if (end > done || at == 0) absl::StrAppend(out, ExpandTemplate(replacement, runes.Part(at, end)));
    if (out->size() > kMaxReplaced) return false;
    done = end;
    if (end > at) {
      at = end;
    } else {
      ++at;
    }
  }
  absl::StrAppend(out, runes.Part(done, size));
  return out->size() <= kMaxReplaced;
}

}  // namespace kasane
