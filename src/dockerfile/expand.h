// Word expansion: quotes, escapes, $name and ${name...}, as the Dockerfile language (not a shell) defines
// them.
//
// Names: letters, digits and '_'; all digits; or one of @ * # ? - $ ! 0. Modifiers: ${n:-w} ${n-w} ${n:+w}
// ${n+w}
// ${n:?w} ${n?w} ${n#p} ${n##p} ${n%p} ${n%%p} ${n/p/r} ${n//p/r}; words and patterns nest. Anything else in
// braces is an error.
#ifndef KASANE_SRC_DOCKERFILE_EXPAND_H_
#define KASANE_SRC_DOCKERFILE_EXPAND_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

using VariableLookup = absl::FunctionRef<absl::optional<absl::string_view>(absl::string_view name)>;

struct ExpandOptions {
  char escape = '\\';
  bool keep_quotes = false;     // quotes stay in the result
  bool keep_escapes = false;    // escape characters stay in the result
  bool plain_quotes = false;    // quotes are characters like any other (bodies of heredocs)
  bool keep_undefined = false;  // $name stays as it is where name is not set
};

struct ExpandedWord {
  std::string text;
  size_t begin = 0, end = 0;  // the part of the input that it came from
};

struct Expansion {
  std::string text;
  // `text` split at blanks outside of quotes; empty words vanish, quoted ones too.
  std::vector<ExpandedWord> words;
  std::vector<std::string> undefined;  // names that were looked up and not found, in order
  std::vector<std::string> found;      // and those that were
};

struct ExpandError {
  std::string message;  // fit for a diagnostic
  size_t offset = 0;    // in the input, in bytes: where the offending construct begins
};

// False: `error` is set and `out` is unspecified. Never recurses deeper than 200 levels: deeper nesting is an
// error.
bool Expand(absl::string_view word, VariableLookup lookup, const ExpandOptions& options, Expansion* out,
            ExpandError* error);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_EXPAND_H_
