// What a RUN finds under /proc, /sys, /dev and in /etc/hosts and /etc/resolv.conf.
#ifndef KASANE_SRC_SANDBOX_ROOT_FS_H_
#define KASANE_SRC_SANDBOX_ROOT_FS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "src/sandbox/launch_plan.h"

namespace kasane {

// A control group hierarchy of the host, as far as a RUN sees it: the part that this process is in.
struct CgroupView {
  std::string source;  // without the leading '/'
  std::string name;    // below /sys/fs/cgroup; empty: the only one (version 2)
};

// To be called outside the sandbox, in the host's namespaces. Anything unexpected is left out: no build needs
// it.
std::vector<CgroupView> FindCgroups();

// Makes the file system mounted on plan.scratch/root the root of this process and mounts on it what
// BuildKit's runc mounts (same places, order, types and options; source: containerd's default spec as
// BuildKit changes it), then forgets the old root. Without `guarded` (DeviceGuard) no device node can be
// opened on any of these file systems; those in /dev are then bind mounts of the host's. To be called in the
// RUN's process, in its mount, pid, network and cgroup namespaces.
absl::Status EnterRootFs(const LaunchPlan& plan, const std::vector<CgroupView>& cgroups, bool guarded);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_ROOT_FS_H_
