// One logical line to one Instruction.
#ifndef KASANE_SRC_DOCKERFILE_LINE_PARSER_H_
#define KASANE_SRC_DOCKERFILE_LINE_PARSER_H_

#include "src/base/diagnostic.h"
#include "src/dockerfile/ast.h"
#include "src/dockerfile/logical_line.h"

namespace kasane {

// Sets all of `out` but heredocs and comments. False: `error` has range, message and help.
bool ParseLine(const LogicalLine& line, char escape, Instruction* out, Diagnostic* error);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_LINE_PARSER_H_
