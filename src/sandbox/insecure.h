// RUN --security=insecure: what such a RUN has and others have not. As BuildKit gives it: all capabilities of
// the builder, the devices of the host, /proc and /sys as they are.
#ifndef KASANE_SRC_SANDBOX_INSECURE_H_
#define KASANE_SRC_SANDBOX_INSECURE_H_

#include "absl/status/status.h"
#include "src/sandbox/launch_plan.h"

namespace kasane {

// In the RUN's root, with the old root as the working directory: nodes in /dev for loop devices, fuse, kvm,
// tun and the like, whether or not the host has them.
absl::Status MakeInsecureDevices();

// Becomes the user of the plan, with every capability that this process has: also one that is not root.
absl::Status KeepAllRights(const LaunchPlan& plan);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_INSECURE_H_
