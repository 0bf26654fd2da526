// The checks that need no evaluation.
#ifndef KASANE_SRC_DOCKERFILE_LINT_SYNTAX_H_
#define KASANE_SRC_DOCKERFILE_LINT_SYNTAX_H_

#include <string>

#include "src/dockerfile/ast.h"
#include "src/dockerfile/linter.h"

namespace kasane {

// NoEmptyContinuation: what the parser saw.
void LintLines(const DockerfileAst& ast, Linter* linter);
// UnknownRule, of what `# check=` and comments above instructions name, and of `given`, the value of a build
// argument that takes the directive's place (null: there is none). BuildKit says nothing of a mistyped rule.
void LintRuleNames(const DockerfileAst& ast, const std::string* given, Linter* linter);
// MaintainerDeprecated, StageNameCasing, FromAsCasing, InvalidDefinitionDescription, IgnoredFlag, of an
// instruction that may still turn out to be wrong.
void LintInstruction(const Instruction& instruction, Linter* linter);
// ReservedStageName, DuplicateStageName, ConsistentInstructionCasing, of a file whose instructions are right.
void LintFile(const DockerfileAst& ast, Linter* linter);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_LINT_SYNTAX_H_
