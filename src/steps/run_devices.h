// What the devices of a RUN add to it (RUN --device).
#ifndef KASANE_SRC_STEPS_RUN_DEVICES_H_
#define KASANE_SRC_STEPS_RUN_DEVICES_H_

#include "src/contract/spec.h"
#include "src/sandbox/sandbox.h"

namespace kasane {

// Variables, nodes, groups and mounts; the user in `options` is known by now. The mounts' index is past those
// of the spec.
void AddRunDevices(const RunSpec& spec, SandboxOptions* options);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_DEVICES_H_
