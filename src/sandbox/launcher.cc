#include "src/sandbox/launcher.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/sandbox/fd_message.h"
#include "src/sandbox/process.h"
#include "src/sandbox/warden.h"

namespace kasane {

absl::StatusOr<Launcher> Launcher::Start(const LaunchPlan& plan, UniqueFd output) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
    return ErrnoStatus(errno, "cannot make a socket");
  }
  UniqueFd theirs(sockets[1]);
  Launcher launcher;
  launcher.socket_.reset(sockets[0]);
  int pidfd = -1;
  launcher.pid_ = CloneProcess(CLONE_NEWNS, &pidfd);
  if (launcher.pid_ < 0) return ErrnoStatus(errno, "cannot make a mount namespace");
  if (launcher.pid_ == 0) RunWarden(plan, theirs.get(), output.get());
  launcher.warden_.reset(pidfd);
  return launcher;
}

LaunchEvent Launcher::Next() {
  FdMessage message = ReceiveMessage(socket_.get());
  LaunchEvent event;
  if (message.text.empty()) return event;
  event.fuse = std::move(message.fd);
  event.text = message.text.substr(1);
  switch (message.text[0]) {
    case kWardenFuse:
      event.kind = LaunchEvent::kFuse;
      break;
    case kWardenMemory:
      event.kind = LaunchEvent::kMemory;
      break;
    case kWardenExited:
      event.kind = LaunchEvent::kExited;
      std::memcpy(&event.wait_status, event.text.data(), std::min(event.text.size(), sizeof(int)));
      break;
    case kWardenStarted:
      event.kind = LaunchEvent::kStarted;
      std::memcpy(&event.pid, event.text.data(), std::min(event.text.size(), sizeof(event.pid)));
      break;
    case kWardenNoStart:
      event.kind = LaunchEvent::kNoStart;
      break;
    case kWardenFailed:
      event.kind = LaunchEvent::kFailed;
      break;
    default:
      break;
  }
  return event;
}

std::string Launcher::warden_root() const { return absl::StrCat("/proc/", pid_, "/root"); }

void Launcher::Finish() {
  socket_.reset();  // the warden kills the RUN, if it still runs, and ends
  if (!warden_.valid()) return;
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  warden_.reset();
}

}  // namespace kasane
