#include "src/dockerfile/heredoc.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "src/dockerfile/expand.h"

namespace kasane {
namespace {

enum class Found { kNo, kYes, kBroken };

absl::optional<absl::string_view> Nothing(absl::string_view) { return absl::nullopt; }

int64_t CountQuotes(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return c == '\'' || c == '"'; });
}

Found Parse(absl::string_view word, Heredoc* heredoc, std::string* error) {
  size_t at = 0;
  while (at < word.size() && absl::ascii_isdigit(static_cast<unsigned char>(word[at]))) ++at;
  const absl::string_view fd = word.substr(0, at);
  if (word.substr(at, 2) != "<<") return Found::kNo;
  at += 2;
  const bool strip = at < word.size() && word[at] == '-';
  if (strip) ++at;
  absl::string_view rest = absl::StripLeadingAsciiWhitespace(word.substr(at));
  if (rest.empty() || absl::StrContains(rest, '<')) return Found::kNo;

  // With and without quotes: if some vanish, a part of the name was quoted.
  ExpandOptions options;
  options.keep_undefined = true;
  Expansion bare, quoted;
  ExpandError problem;
  if (!Expand(rest, Nothing, options, &bare, &problem)) {
    *error = problem.message;
    return Found::kBroken;
  }
  if (bare.words.size() != 1) return Found::kNo;
  options.keep_quotes = true;
  if (!Expand(rest, Nothing, options, &quoted, &problem) || quoted.words.size() != 1) {
    *error = "the name of the heredoc is not one word";
    return Found::kBroken;
  }
  if (!absl::SimpleAtoi(fd, &heredoc->fd)) heredoc->fd = 0;
  heredoc->name = bare.words[0].text;
  heredoc->strip_tabs = strip;
  heredoc->expand = CountQuotes(bare.words[0].text) == CountQuotes(quoted.words[0].text);
  return Found::kYes;
}

}  // namespace

bool ParseHeredocWord(absl::string_view word, Heredoc* heredoc) {
  std::string error;
  return Parse(word, heredoc, &error) == Found::kYes;
}

bool FindHeredocs(absl::string_view line, std::vector<OpenedHeredoc>* found, std::string* error) {
  found->clear();
  if (!absl::StrContains(line, "<<")) return true;
  ExpandOptions options;
  options.keep_quotes = true;
  options.keep_escapes = true;
  options.keep_undefined = true;
  Expansion words;
  ExpandError problem;
  if (!Expand(line, Nothing, options, &words, &problem)) return true;
  for (const ExpandedWord& word : words.words) {
    OpenedHeredoc opened;
    opened.word = line.substr(word.begin, word.end - word.begin);
    switch (Parse(word.text, &opened.heredoc, error)) {
      case Found::kNo:
        break;
      case Found::kYes:
        found->push_back(std::move(opened));
        break;
      case Found::kBroken:
        return false;
    }
  }
  return true;
}

std::string StripLeadingTabs(absl::string_view body) {
  std::string out;
  bool at_line_start = true;
  for (char c : body) {
    if (at_line_start && c == '\t') continue;
    out += c;
    at_line_start = c == '\n';
  }
  return out;
}

}  // namespace kasane
