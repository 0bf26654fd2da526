#include "src/containers/attend.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "absl/strings/string_view.h"
#include "src/base/file.h"

namespace kasane {
namespace {

sigset_t HeldSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH}) sigaddset(&set, signal);
  return set;
}

void PassSize(int console) {
  winsize size;
  if (console >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) ioctl(console, TIOCSWINSZ, &size);
}

// False: an end, or nobody is there any more.
bool Copy(int from, int to) {
  char buffer[16384];
  const ssize_t n = read(from, buffer, sizeof(buffer));
  if (n < 0 && errno == EINTR) return true;
  return n > 0 && WriteAll(to, absl::string_view(buffer, static_cast<size_t>(n)), "a terminal").ok();
}

}  // namespace

RawTerminal::RawTerminal(int fd) : fd_(fd) {
  if (tcgetattr(fd, &before_) != 0) return;
  termios raw = before_;
  cfmakeraw(&raw);
  changed_ = tcsetattr(fd, TCSADRAIN, &raw) == 0;
}

RawTerminal::~RawTerminal() {
  if (changed_) tcsetattr(fd_, TCSADRAIN, &before_);
}

void HoldSignals() {
  const sigset_t set = HeldSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void Attend(pid_t process, int console, int ended) {
  const sigset_t set = HeldSignals();
  const UniqueFd signals(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  PassSize(console);
  bool input = console >= 0, output = console >= 0;
  while (true) {
    pollfd fds[4] = {{ended, POLLIN, 0},
                     {signals.get(), POLLIN, 0},
                     {input ? STDIN_FILENO : -1, POLLIN, 0},
                     {output ? console : -1, POLLIN, 0}};
    if (poll(fds, 4, -1) < 0 && errno != EINTR) return;
    signalfd_siginfo info;
    if (fds[1].revents != 0 && read(signals.get(), &info, sizeof(info)) == sizeof(info)) {
      if (info.ssi_signo == SIGWINCH) {
        PassSize(console);
      } else if (process > 0) {
        kill(process, static_cast<int>(info.ssi_signo));
      }
    }
    if (fds[3].revents != 0) output = Copy(console, STDOUT_FILENO);
    if (fds[2].revents != 0 && !Copy(STDIN_FILENO, console)) {
      input = false;
      const char end = 4;  // ^D: what a terminal makes of the end of its input
      if (write(console, &end, 1) < 0) output = false;
    }
    if (fds[0].revents == 0) continue;
    for (pollfd rest = {console, POLLIN, 0}; output && poll(&rest, 1, 0) > 0;)
      output = Copy(console, STDOUT_FILENO);
    return;
  }
}

}  // namespace kasane
