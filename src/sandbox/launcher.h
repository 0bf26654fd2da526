// Starts the processes of a sandbox and sees to their end.
//
//   this process --- the warden (mount namespace) --- the RUN's process (pid 1 of its own pid namespace, and
//   the rest)
//                \-- slirp4netns, for an isolated network
//
// The warden mounts lowerfs and overlayfs in a mount namespace of its own, so that no mount is ever seen
// outside, and hands the FUSE descriptor back: lowerfs is served by this process. The mounts are made in this
// process's pid namespace, so a request's pid can be looked up in /proc here. The RUN's process is pid 1
// itself, as under runc: when it ends, the kernel kills all that it left behind. Whoever is killed takes the
// rest along: the warden kills the RUN when it loses the connection to this process (and is in a session of
// its own, so a signal to the process group does not get it); the RUN and slirp4netns die with the warden
// (PR_SET_PDEATHSIG); and with the last of them the namespaces and mounts are gone.
#ifndef KASANE_SRC_SANDBOX_LAUNCHER_H_
#define KASANE_SRC_SANDBOX_LAUNCHER_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "src/base/file.h"
#include "src/sandbox/launch_plan.h"

namespace kasane {

// One message from the warden.
struct LaunchEvent {
  enum Kind {
    kFuse,     // the mount's descriptor
    kMemory,   // the upper directory is on a tmpfs: scratch/memory/upper, to be seen under warden_root() only
    kExited,   // the RUN's process ended; everything in its pid namespace is dead
    kStarted,  // the program has been started, as process `pid`; with LaunchPlan::tells_start
    kNoStart,  // the RUN's process could not be started for a reason that is the user's ("sh": not found)
    kFailed,   // the sandbox could not be made
    kLost,     // the warden died
  };
  Kind kind = kLost;
  UniqueFd fuse;
  int wait_status = 0;  // as of waitpid(2)
  pid_t pid = 0;
  std::string text;
};

class Launcher {
 public:
  // Starts the warden. This process must have no other threads yet. Standard output and error of the RUN go
  // to `output` (which is closed here), its standard input is an empty pipe, but for what plan.io says.
  static absl::StatusOr<Launcher> Start(const LaunchPlan& plan, UniqueFd output);
  Launcher(Launcher&&) noexcept = default;
  Launcher& operator=(Launcher&&) noexcept = default;
  ~Launcher() { Finish(); }

  int fd() const { return socket_.get(); }  // readable: there is an event
  LaunchEvent Next();                       // blocks
  // The root directory as the warden sees it, with its mounts: "/proc/<pid>/root".
  std::string warden_root() const;
  // Tells the warden to end, with all mounts and what still runs, and waits for it.
  void Finish();

 private:
  Launcher() = default;
  UniqueFd socket_;
  UniqueFd warden_;  // pidfd
  pid_t pid_ = 0;
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_LAUNCHER_H_
