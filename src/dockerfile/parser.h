// Text to AST. No I/O.
#ifndef KASANE_SRC_DOCKERFILE_PARSER_H_
#define KASANE_SRC_DOCKERFILE_PARSER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/diagnostic.h"
#include "src/dockerfile/ast.h"

namespace kasane {

// Parses a Dockerfile by the grammar of BuildKit's frontend 1.28. `file` is its name as diagnostics should
// show it; `source` its bytes, a byte-order mark and CRLF line ends included. Stops at the first error: then
// the result is empty and the last of `diagnostics` is that error.
absl::optional<DockerfileAst> ParseDockerfile(absl::string_view file, absl::string_view source,
                                              std::vector<Diagnostic>* diagnostics);

// The longest physical line, without its line end, in bytes.
inline constexpr size_t kMaxDockerfileLine = 65535;

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_PARSER_H_
