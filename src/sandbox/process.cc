#include "src/sandbox/process.h"

#include <linux/sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {

pid_t CloneProcess(uint64_t flags, int* pidfd, int cgroup) {
  clone_args args = {};
  args.flags = flags | CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
  args.pidfd = reinterpret_cast<uint64_t>(pidfd);
  args.exit_signal = SIGCHLD;
  if (cgroup >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<uint64_t>(cgroup);
  }
  return static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof(args)));
}

void DieWithParent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (parent != 0 && getppid() != parent) _exit(1);
}

int WaitForEnd(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

void CloseFrom(int first) {
  if (syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0) == 0) return;
  for (int fd = first; fd < static_cast<int>(sysconf(_SC_OPEN_MAX)); ++fd) close(fd);
}

absl::Status Mount(const std::string& source, const std::string& target, const std::string& type,
                   unsigned long flags, const std::string& data) {
  auto pointer = [](const std::string& s) { return s.empty() ? nullptr : s.c_str(); };
  if (mount(pointer(source), target.c_str(), pointer(type), flags, pointer(data)) == 0)
    return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot mount ", type.empty() ? source : type, " on ", target));
}

}  // namespace kasane
