// The checks that need no evaluation.
#ifndef KASANE_SRC_DOCKERFILE_LINT_SYNTAX_H_
#define KASANE_SRC_DOCKERFILE_LINT_SYNTAX_H_

#include "src/dockerfile/ast.h"
#include "src/dockerfile/linter.h"

namespace kasane {

// NoEmptyContinuation: what the parser saw.
void LintLines(const DockerfileAst& ast, Linter* linter);
// MaintainerDeprecated, StageNameCasing, FromAsCasing, InvalidDefinitionDescription, IgnoredFlag, of an
// instruction that may still turn out to be wrong.
void LintInstruction(const Instruction& instruction, Linter* linter);
// ReservedStageName, DuplicateStageName, ConsistentInstructionCasing, of a file whose instructions are right.
void LintFile(const DockerfileAst& ast, Linter* linter);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_LINT_SYNTAX_H_
