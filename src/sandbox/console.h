// The terminal of a process in a sandbox: a pseudo terminal of the sandbox's own /dev/pts, so that the
// process finds it by its name, whose other side is handed out through a unix socket.
#ifndef KASANE_SRC_SANDBOX_CONSOLE_H_
#define KASANE_SRC_SANDBOX_CONSOLE_H_

#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/base/file.h"

namespace kasane {

// In the process, in its root, leader of a session: makes the terminal, of which `uid` is the owner, sends
// its other side to `socket` and makes it standard input, output and error, and the session's.
absl::Status TakeConsole(int socket, uid_t uid);

// The other side of it: waits for what TakeConsole sends.
absl::StatusOr<UniqueFd> ReceiveConsole(int socket);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_CONSOLE_H_
