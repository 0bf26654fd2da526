// The RUN's process between clone and exec.
#ifndef KASANE_SRC_SANDBOX_RUN_PROCESS_H_
#define KASANE_SRC_SANDBOX_RUN_PROCESS_H_

#include <vector>

#include "src/sandbox/launch_plan.h"
#include "src/sandbox/root_fs.h"

namespace kasane {

// The descriptors that the process starts with; it closes all others.
struct RunProcessFds {
  int input = -1;
  int output = -1;
  int error = -1;    // standard error
  int console = -1;  // see ProcessIo; instead of the three
  int errors = -1;  // why it could not be started: kWardenFailed or kWardenNoStart, then text; closed by exec
  int go = -1;      // a byte comes when the network is there; an end of file instead: the warden is dead
  int network = -1;  // the network namespace to enter; -1: the process is where it belongs
};

// Never returns: becomes the program. Capabilities, user, limits, umask, session and signals are as runc
// leaves them for BuildKit. `guarded`: see EnterRootFs.
[[noreturn]] void BecomeRun(const LaunchPlan& plan, const std::vector<CgroupView>& cgroups, bool guarded,
                            const RunProcessFds& fds);

// The end of that, for a process that is in its root already, leader of a session: working directory,
// descriptors, filter, user, program. `go` and `network` are not used.
[[noreturn]] void BecomeProgram(const LaunchPlan& plan, const RunProcessFds& fds);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_RUN_PROCESS_H_
