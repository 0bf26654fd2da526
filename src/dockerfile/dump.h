// The AST as JSON, for `gen dump ast`, tools and tests.
//
// {"file", "escape", "directives": [{"name", "value", "range"}], "instructions": [INSTRUCTION]}
// INSTRUCTION: {"instruction": "RUN", "range", "flags": [{"name", "value", "range"}], "json": true,
//   "args": [{"text", "range"}], "pairs": [{"key", "value", "legacy": true, "range"}],
//   "heredocs": [{"name", "fd", "strip_tabs", "expand", "body", "range", "body_range"}], "trigger":
//   INSTRUCTION, "comments": [text]}
// "range" is [line, column, end line, end column], counted from 1, columns in bytes, the end exclusive.
// Members that are empty, false or absent in the file are left out; a flag without '=' and an ARG without
// default have no "value".
#ifndef KASANE_SRC_DOCKERFILE_DUMP_H_
#define KASANE_SRC_DOCKERFILE_DUMP_H_

#include "src/base/diagnostic.h"
#include "src/base/json.h"
#include "src/dockerfile/ast.h"

namespace kasane {

Json DumpAst(const DockerfileAst& ast);
Json DumpRange(const SourceRange& range);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_DUMP_H_
