// Finding the heredocs that a line opens.
#ifndef KASANE_SRC_DOCKERFILE_HEREDOC_H_
#define KASANE_SRC_DOCKERFILE_HEREDOC_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/dockerfile/ast.h"

namespace kasane {

// [fd]<<[-]NAME, the whole word. Sets all but body and ranges. False: the word opens no heredoc, which
// includes
// "<<" alone, names of several words and names with broken quotes.
bool ParseHeredocWord(absl::string_view word, Heredoc* heredoc);

// The heredocs that a logical line opens, in order, and the words that open them (parts of `line`). A line
// that does not lex as shell words opens none. False: a word looks like a heredoc but its name is broken;
// `error` says how.
struct OpenedHeredoc {
  Heredoc heredoc;
  absl::string_view word;
};
bool FindHeredocs(absl::string_view line, std::vector<OpenedHeredoc>* found, std::string* error);

// The body without the leading tabs of each line: what <<- means.
std::string StripLeadingTabs(absl::string_view body);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_HEREDOC_H_
