#include "src/sandbox/console.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "src/base/status.h"
#include "src/sandbox/fd_message.h"

namespace kasane {
absl::Status TakeConsole(int socket, uid_t uid) {
  ASSIGN_OR_RETURN(const UniqueFd master, OpenFile("/dev/ptmx", O_RDWR | O_NOCTTY));
  int locked = 0;
  if (ioctl(master.get(), TIOCSPTLCK, &locked) != 0) return ErrnoStatus(errno, "cannot unlock a terminal");
  const UniqueFd slave(ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave.valid()) return ErrnoStatus(errno, "cannot open a terminal");
  if (fchown(slave.get(), uid, static_cast<gid_t>(-1)) != 0)
    return ErrnoStatus(errno, "cannot chown a terminal");
  RETURN_IF_ERROR(SendMessage(socket, "T", master.get()));
  if (ioctl(slave.get(), TIOCSCTTY, 0) != 0) return ErrnoStatus(errno, "cannot take a terminal");
  for (int fd = 0; fd < 3; ++fd) {
    if (dup2(slave.get(), fd) < 0) return ErrnoStatus(errno, "cannot redirect to a terminal");
  }
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> ReceiveConsole(int socket) {
  FdMessage message = ReceiveMessage(socket);
  if (!message.fd.valid()) return absl::NotFoundError("the process got no terminal");
  return std::move(message.fd);
}

}  // namespace kasane
