// What can be said of an instruction without evaluating it: flags, number of arguments, names. BuildKit
// checks the same in all stages, needed or not.
#ifndef KASANE_SRC_PLAN_CHECK_H_
#define KASANE_SRC_PLAN_CHECK_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/dockerfile/ast.h"
#include "src/dockerfile/linter.h"
#include "src/plan/image_config.h"
#include "src/plan/report.h"

namespace kasane {

// False: the instruction is wrong, and `report` has one error.
bool CheckInstruction(const Instruction& instruction, Report* report);
// The order of instructions: only ARG before the first FROM, and there is a FROM. Then each instruction.
// Stops at the first error. Findings of the checks that need no evaluation go to `linter` on the way.
bool CheckFile(const DockerfileAst& ast, Report* report, Linter* linter);

// Flags of a checked instruction.
const Flag* FindFlag(const Instruction& instruction, absl::string_view name);  // null: not given
bool BoolFlag(const Instruction& instruction, absl::string_view name);

// The meaning of a checked HEALTHCHECK.
Healthcheck ReadHealthcheck(const Instruction& instruction);
// As BuildKit's history shows it: {Test:[CMD true] Interval:5s ...}.
std::string DescribeHealthcheck(const Healthcheck& healthcheck);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_CHECK_H_
