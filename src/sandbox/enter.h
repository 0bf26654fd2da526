// Another process in a sandbox that runs already.
#ifndef KASANE_SRC_SANDBOX_ENTER_H_
#define KASANE_SRC_SANDBOX_ENTER_H_

#include <sys/types.h>

#include "absl/status/statusor.h"
#include "src/sandbox/launch_plan.h"

namespace kasane {

// Runs a program beside `process`, in all of its namespaces and its control group, and waits for its end. Of
// the plan, argv, env, workdir, uid, gid, groups, seccomp_filter and io count; io.input, output and error, or
// io.console, must be given. Returns the exit code, 128 + n if signal n ended it. kNotFound: the process is
// gone; kAborted: the program could not be started, with a reason for people. Signals that this process gets
// meanwhile are not passed on. This process must have one thread only.
absl::StatusOr<int> RunBeside(pid_t process, const LaunchPlan& plan);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_ENTER_H_
