// What the go command reads of a source that it does not compile: a _test.go, say, during `go build`.
#ifndef KASANE_SRC_TRACE_GO_HEADER_H_
#define KASANE_SRC_TRACE_GO_HEADER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

// The beginning of a Go file up to what follows its imports: build constraints, package clause, imports, and
// all comments among them, byte for byte (go/build's readGoInfo, Go 1.19 to 1.26, hands the same bytes to the
// parser). What follows is not looked at. Nothing, if all of the file counts: it imports "embed" (then go
// looks for //go:embed to the end), or its header is no Go (then the parser's message depends on the rest),
// or holds NUL.
absl::optional<absl::string_view> GoHeader(absl::string_view source);

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_GO_HEADER_H_
