// RUN --device: whether this machine has what a plan asks for.
#ifndef KASANE_GENERATOR_DEVICE_CHECK_H_
#define KASANE_GENERATOR_DEVICE_CHECK_H_

#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/plan/plan.h"

namespace kasane {

// Where descriptions of devices lie (Container Device Interface).
const std::vector<std::string>& CdiDirectories();

// False: `error` (its file is not set) says that a RUN needs a device that is not there. Without a
// description of any device on this machine a RUN that does not need its device runs without, as under
// BuildKit. What descriptions say is not understood yet: where there are some, every --device is an error.
bool CheckDevices(const Plan& plan, const std::vector<std::string>& directories, Diagnostic* error);

}  // namespace kasane

#endif  // KASANE_GENERATOR_DEVICE_CHECK_H_
