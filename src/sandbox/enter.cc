#include "src/sandbox/enter.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/sandbox/process.h"
#include "src/sandbox/run_process.h"
#include "src/sandbox/warden.h"

namespace kasane {
namespace {

// The directory of the process's control group (version 2); not valid if it cannot be told.
UniqueFd CgroupOf(pid_t process) {
  const absl::StatusOr<std::string> text = ReadFile(absl::StrCat("/proc/", process, "/cgroup"));
  if (!text.ok()) return UniqueFd();
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    if (!absl::ConsumePrefix(&line, "0::")) continue;
    return UniqueFd(open(absl::StrCat("/sys/fs/cgroup", line).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  return UniqueFd();
}

bool IsSame(int fd, const std::string& path) {
  struct stat a, b;
  return fstat(fd, &a) == 0 && stat(path.c_str(), &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// The namespaces that are not this process's own, in the order in which they can be entered.
absl::StatusOr<std::vector<UniqueFd>> NamespacesOf(pid_t process) {
  std::vector<UniqueFd> namespaces;
  for (const char* name : {"user", "cgroup", "ipc", "uts", "net", "pid", "mnt"}) {
    ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(absl::StrCat("/proc/", process, "/ns/", name), O_RDONLY));
    if (!IsSame(fd.get(), absl::StrCat("/proc/self/ns/", name))) namespaces.push_back(std::move(fd));
  }
  return namespaces;
}

[[noreturn]] void Stop(int errors, const absl::Status& status) {
  const std::string message = absl::StrCat("E", status.message());
  const ssize_t ignored = write(errors, message.data(), message.size());
  (void)ignored;
  _exit(127);
}

// Enters, and has a child there, since a pid namespace is for children alone; ends as that does.
[[noreturn]] void Enter(const std::vector<UniqueFd>& namespaces, const LaunchPlan& plan, int errors) {
  DieWithParent(0);
  for (const UniqueFd& fd : namespaces) {
    if (setns(fd.get(), 0) != 0) Stop(errors, ErrnoStatus(errno, "cannot enter the container"));
  }
  const pid_t child = fork();
  if (child < 0) Stop(errors, ErrnoStatus(errno, "cannot fork"));
  if (child == 0) {
    DieWithParent(0);
    setsid();
    BecomeProgram(plan, {.input = plan.io.input,
                         .output = plan.io.output,
                         .error = plan.io.error,
                         .console = plan.io.console,
                         .errors = errors});
  }
  close(errors);
  const int status = WaitForEnd(child);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

}  // namespace

absl::StatusOr<int> RunBeside(pid_t process, const LaunchPlan& plan) {
  absl::StatusOr<std::vector<UniqueFd>> namespaces = NamespacesOf(process);
  if (!namespaces.ok()) return absl::NotFoundError("it does not run any more");
  const UniqueFd cgroup = CgroupOf(process);
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  UniqueFd errors(fds[0]), errors_end(fds[1]);
  int pidfd = -1;
  pid_t child = CloneProcess(0, &pidfd, cgroup.get());
  if (child < 0 && cgroup.valid()) child = CloneProcess(0, &pidfd);
  if (child < 0) return ErrnoStatus(errno, "cannot fork");
  if (child == 0) Enter(*namespaces, plan, errors_end.get());
  const UniqueFd held(pidfd);
  errors_end.reset();
  ASSIGN_OR_RETURN(const std::string error, ReadAllFrom(errors.get(), "the program's pipe"));
  const int status = WaitForEnd(child);
  if (!error.empty()) return absl::AbortedError(error.substr(1));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace kasane
