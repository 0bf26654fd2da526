#include "src/containers/stop_container.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/child.h"
#include "src/base/status.h"

namespace kasane {

UniqueFd WatchProcess(const ProcessName& process) {
  UniqueFd fd = OpenProcess(process.pid);
  return IsAlive(process) ? std::move(fd) : UniqueFd();
}

absl::Status StopContainer(const Container& container, int patience) {
  // First the watch, then the signal: the id may be another's afterwards.
  const UniqueFd process = WatchProcess(container.process), supervisor = WatchProcess(container.supervisor);
  const auto send = [&](int signal) {
    if (!process.valid()) return true;
    if (syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) == 0) return true;
    // Another user's in a user namespace: its supervisor may.
    return errno == EPERM && supervisor.valid() &&
           syscall(SYS_pidfd_send_signal, supervisor.get(), signal, nullptr, 0) == 0;
  };
  if (!send(container.stop_signal))
    return ErrnoStatus(errno, absl::StrCat("cannot signal container ", container.name));
  pollfd wait = {process.get(), POLLIN, 0};
  if (process.valid() && poll(&wait, 1, patience * 1000) == 0) send(SIGKILL);
  // What it leaves to say, the supervisor says.
  wait.fd = supervisor.get();
  if (supervisor.valid() && poll(&wait, 1, kStopPatience * 1000) == 0)
    return absl::DeadlineExceededError(absl::StrCat("container ", container.name, " does not end"));
  return absl::OkStatus();
}

}  // namespace kasane
