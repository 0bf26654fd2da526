#include "src/sandbox/console.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/base/status.h"

namespace kasane {
namespace {

absl::Status SendFd(int socket, int fd) {
  char byte = 0;
  iovec part = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof(control);
  cmsghdr* c = CMSG_FIRSTHDR(&header);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(c), &fd, sizeof(int));
  if (sendmsg(socket, &header, MSG_NOSIGNAL) != 1) return ErrnoStatus(errno, "cannot hand out a terminal");
  return absl::OkStatus();
}

}  // namespace

absl::Status TakeConsole(int socket, uid_t uid) {
  ASSIGN_OR_RETURN(const UniqueFd master, OpenFile("/dev/ptmx", O_RDWR | O_NOCTTY));
  int locked = 0;
  if (ioctl(master.get(), TIOCSPTLCK, &locked) != 0) return ErrnoStatus(errno, "cannot unlock a terminal");
  const UniqueFd slave(ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave.valid()) return ErrnoStatus(errno, "cannot open a terminal");
  if (fchown(slave.get(), uid, static_cast<gid_t>(-1)) != 0)
    return ErrnoStatus(errno, "cannot chown a terminal");
  RETURN_IF_ERROR(SendFd(socket, master.get()));
  if (ioctl(slave.get(), TIOCSCTTY, 0) != 0) return ErrnoStatus(errno, "cannot take a terminal");
  for (int fd = 0; fd < 3; ++fd) {
    if (dup2(slave.get(), fd) < 0) return ErrnoStatus(errno, "cannot redirect to a terminal");
  }
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> ReceiveConsole(int socket) {
  char byte;
  iovec part = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof(control);
  ssize_t n;
  do {
    n = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  const cmsghdr* c = n == 1 ? CMSG_FIRSTHDR(&header) : nullptr;
  if (c == nullptr || c->cmsg_type != SCM_RIGHTS) return absl::NotFoundError("the process got no terminal");
  int fd;
  std::memcpy(&fd, CMSG_DATA(c), sizeof(fd));
  return UniqueFd(fd);
}

}  // namespace kasane
