// Build arguments: --build-arg, global ARGs, and those that need no ARG.
#ifndef KASANE_SRC_PLAN_ARGUMENTS_H_
#define KASANE_SRC_PLAN_ARGUMENTS_H_

#include <map>
#include <string>
#include <vector>

#include "src/dockerfile/ast.h"
#include "src/dockerfile/linter.h"
#include "src/plan/build_args.h"
#include "src/plan/env_list.h"
#include "src/plan/plan.h"
#include "src/plan/report.h"

namespace kasane {

struct Arguments {
  std::map<std::string, std::string> build_args;  // with SOURCE_DATE_EPOCH from the options
  EnvList global;                                 // what FROM sees, and what `ARG name` in a stage inherits
  std::vector<std::string> proxy_env;  // "HTTP_PROXY=...", "http_proxy=...", only those that were given
  Epoch epoch;
  GlobalArgs declared;
};

// BUILDPLATFORM and its kin, then the ARGs before the first FROM, in order. TARGETSTAGE is
// the --target, or the name of the last stage, or "default". False: reported.
bool ReadArguments(const DockerfileAst& ast, const PlanOptions& options, Report* report, Arguments* out);

// Warns of build arguments that no ARG of the file takes.
void WarnOfUnusedArguments(const DockerfileAst& ast, const PlanOptions& options, Linter* linter);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_ARGUMENTS_H_
