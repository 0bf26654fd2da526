// An edge of a build that is there: for steps and commands that explain or repeat others.
#ifndef KASANE_SRC_CONTRACT_BUILT_EDGE_H_
#define KASANE_SRC_CONTRACT_BUILT_EDGE_H_

#include <string>
#include <vector>

#include "src/base/digest.h"
#include "src/contract/step.h"

namespace kasane {

struct BuiltEdge {
  std::string record;  // relative to the build directory: ".kasane/records/0/1-run.json"
  Digest spec;
  std::vector<std::string> below;   // records, bottom first
  std::vector<std::string> source;  // records
  StepOrigin origin;                // line 0: it has no place in the Dockerfile
};

// "RUN make  (Dockerfile:7, stage build)"; without a line "RUN make  (stage build)".
std::string StepTitle(const StepOrigin& origin);

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_BUILT_EDGE_H_
