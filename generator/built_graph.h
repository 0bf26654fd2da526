// The edges of the present build, read back from `.kasane/image.ninja`: what ninja would run. For commands
// that explain or repeat steps.
#ifndef KASANE_GENERATOR_BUILT_GRAPH_H_
#define KASANE_GENERATOR_BUILT_GRAPH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/contract/built_edge.h"
#include "src/contract/step.h"

namespace kasane {

// The edges of an image.ninja's text that run steps, in its order. For a rule `kasane_collect` all inputs are
// sources. Origins are not filled in.
std::vector<BuiltEdge> ParseBuiltEdges(absl::string_view ninja);

// Says that no build has this state directory; in a workspace, that there are several.
absl::Status NoBuildIn(const std::string& state);

// Those of the build in `directory` ("" or with a slash at its end), with origins, and with what chain files
// stand for in their place, as far as those are there. kNotFound: there is none.
absl::StatusOr<std::vector<BuiltEdge>> ReadBuiltEdges(const std::string& directory);

// The records of a stage, its base's first, as far as they make up its tree; with `directory` in front. Its
// id in any case of letters. Empty: the build has no such stage, or it has nothing in it.
std::vector<std::string> StageRecords(const std::string& directory, const std::string& stage);

// Whether a step stands at "STAGE:LINE" or "LINE"; "" is everywhere.
bool IsStepAt(const StepOrigin& origin, const std::string& place);

}  // namespace kasane

#endif  // KASANE_GENERATOR_BUILT_GRAPH_H_
