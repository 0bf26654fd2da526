// The warden's side of the launcher: see launcher.h.
#ifndef KASANE_SRC_SANDBOX_WARDEN_H_
#define KASANE_SRC_SANDBOX_WARDEN_H_

#include <sys/types.h>

#include "src/sandbox/launch_plan.h"

namespace kasane {

// First byte of a message on the warden's socket (SOCK_SEQPACKET); the rest is text, or the int of an exit.
enum WardenMessage : char {
  kWardenFuse = 'F',     // with a descriptor
  kWardenExited = 'X',   // and the wait status
  kWardenMemory = 'M',   // the upper directory is on a tmpfs
  kWardenNoStart = 'N',  // and why
  kWardenStarted = 'S',  // and the process's id, an int
  kWardenFailed = 'E',   // and why
};

// After its last message the warden waits for the other end to be closed: till then what it has mounted can
// be seen under /proc/<warden>/root.
//
// Runs the warden in a process that CloneProcess made with a mount namespace of its own. `socket`, `output`
// and those of plan.io are the only descriptors that it keeps.
[[noreturn]] void RunWarden(LaunchPlan plan, int socket, int output);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_WARDEN_H_
