// RUN --device: what the devices that a plan asks for are on this machine.
#ifndef KASANE_GENERATOR_DEVICES_H_
#define KASANE_GENERATOR_DEVICES_H_

#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/plan/plan.h"

namespace kasane {

// Where descriptions of devices lie, if nothing else is said: as BuildKit has it.
const std::vector<std::string>& CdiDirectories();

// Writes into each RUN of the plan what its devices come to. As under BuildKit, a RUN that does not require a
// device runs without it where there is none, and a device must be allowed (`allow`: "device",
// "device=NAME[,alias=NAME]") unless its description allows it to all. `depends`: files that a later gen
// would read. False: `error` (its file is not set) says what cannot be had.
bool ResolveDevices(const std::vector<std::string>& directories, const std::vector<std::string>& allow,
                    Plan* plan, std::vector<std::string>* depends, Diagnostic* error);

}  // namespace kasane

#endif  // KASANE_GENERATOR_DEVICES_H_
