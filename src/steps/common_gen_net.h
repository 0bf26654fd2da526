// How a step that needs the network becomes `gen-net step`: only edges that use libcurl pay for loading it.
#ifndef KASANE_SRC_STEPS_COMMON_GEN_NET_H_
#define KASANE_SRC_STEPS_COMMON_GEN_NET_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "src/contract/step.h"

namespace kasane {

// The program: $KASANE_GEN_NET, else the gen-net beside this one.
std::string GenNetPath();

// Replaces this process by `gen-net step` with the same arguments. Returns only if that failed.
absl::Status ExecGenNet(const StepContext& context);

// The command line of `gen step` (and `gen-net step`) that gives `args` again.
std::vector<std::string> StepCommandLine(const StepArgs& args);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COMMON_GEN_NET_H_
