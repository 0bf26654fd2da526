// `gen-net step`: the edges that need the network. `gen step` replaces itself by it (common_gen_net.h).
#ifndef KASANE_GENERATOR_GEN_NET_STEP_H_
#define KASANE_GENERATOR_GEN_NET_STEP_H_

#include <string>
#include <vector>

namespace kasane {

// `args`: the words after "step", as src/contract/step.h says. Returns the exit code: 0 with the outcome's
// line on standard output, or 1 with one message on standard error.
int RunNetStepCommand(const std::vector<std::string>& args);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GEN_NET_STEP_H_
