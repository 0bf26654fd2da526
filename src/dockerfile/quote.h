// Go's ways of writing values, which BuildKit's image history is made of.
#ifndef KASANE_SRC_DOCKERFILE_QUOTE_H_
#define KASANE_SRC_DOCKERFILE_QUOTE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

std::string GoQuote(absl::string_view text);                     // %q: "a\tb"
std::string GoQuotedList(const std::vector<std::string>& list);  // %q of a slice: ["a" "b"]
std::string GoList(const std::vector<std::string>& list);        // %v of a slice: [a b]

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_QUOTE_H_
