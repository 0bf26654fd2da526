// Which frontend a Dockerfile asks for. One is built in: docker/dockerfile, of the version that BuildKit
// 0.34.2 has.
#ifndef KASANE_SRC_PLAN_FRONTEND_H_
#define KASANE_SRC_PLAN_FRONTEND_H_

#include "src/dockerfile/ast.h"
#include "src/plan/plan.h"
#include "src/plan/report.h"

namespace kasane {

// The directive "# syntax=", or the build argument BUILDKIT_SYNTAX before it, names an image:
// docker/dockerfile or docker/dockerfile-upstream of Docker Hub. Its tag ("1", "1.7", "1.7.0", with "-labs"
// or without) is taken as the least version. False after an error: another image, a version that is newer
// than what is built in.
bool CheckFrontend(const DockerfileAst& ast, const PlanOptions& options, Report* report);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_FRONTEND_H_
