// The state that a step of the present build has left, or found: what a container can be made of.
#ifndef KASANE_GENERATOR_STEP_STATE_H_
#define KASANE_GENERATOR_STEP_STATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "src/containers/run_container.h"
#include "src/contract/spec.h"
#include "src/store/store.h"

namespace kasane {

struct StepState {
  ContainerSource source;
  std::string note;  // why it is not the state that was asked for; "": it is
  // If the step is a RUN: what it is, and the records that it reads beside those below it.
  absl::optional<RunSpec> run;
  std::vector<std::string> run_sources;
};

// `place`: "STAGE" for the end of a stage (of one without steps what it is FROM), or as far as it has come;
// "STAGE:LINE" for a step. `before`: the state that the step found, as it is in any case for a step that has
// not succeeded. `directory`: of the build, "" or with a slash at its end. kNotFound, with a message for
// people.
absl::StatusOr<StepState> FindStepState(const Store& store, const std::string& directory,
                                        const std::string& place, bool before);

}  // namespace kasane

#endif  // KASANE_GENERATOR_STEP_STATE_H_
