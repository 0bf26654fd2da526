// What a Dockerfile offers to those who build it: `gen --call=outline` and `gen --call=targets`, as
// docker buildx has them.
#ifndef KASANE_GENERATOR_OUTLINE_H_
#define KASANE_GENERATOR_OUTLINE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/base/json.h"
#include "src/dockerfile/ast.h"
#include "src/plan/plan.h"

namespace kasane {

// What the target and the stages that it needs take.
struct Outline {
  struct Mount {
    std::string id;
    bool required = false;
    SourceRange range;  // of the RUN
  };
  std::string name;  // of the target; empty: it has none
  std::string description;
  std::vector<BuildArg> args;
  std::vector<Mount> secrets, ssh, caches;
};
Outline MakeOutline(const Plan& plan);

// The tables of buildx; one of cache mounts comes behind them, which BuildKit leaves out.
std::string OutlineText(const Outline& outline);
// The document of BuildKit's frontend.outline. `text` is the Dockerfile.
Json OutlineJson(const Outline& outline, absl::string_view text);

// All stages of a file, needed or not.
std::string TargetsText(const DockerfileAst& ast);
Json TargetsJson(const DockerfileAst& ast, absl::string_view text);

}  // namespace kasane

#endif  // KASANE_GENERATOR_OUTLINE_H_
