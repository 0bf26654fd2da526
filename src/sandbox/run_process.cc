#include "src/sandbox/run_process.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/sandbox/console.h"
#include "src/sandbox/insecure.h"
#include "src/sandbox/process.h"
#include "src/sandbox/seccomp_profile.h"
#include "src/sandbox/warden.h"

namespace kasane {
namespace {

// What a container has by default. Source: containerd's default spec.
constexpr cap_value_t kCapabilities[] = {
    CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_FSETID,           CAP_FOWNER,
    CAP_MKNOD,   CAP_NET_RAW,      CAP_SETGID,           CAP_SETUID,
    CAP_SETFCAP, CAP_SETPCAP,      CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT,
    CAP_KILL,    CAP_AUDIT_WRITE,
};

absl::Status BringUpLoopback() {
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request = {};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  if (!fd.valid() || ioctl(fd.get(), SIOCGIFFLAGS, &request) != 0)
    return ErrnoStatus(errno, "cannot find lo");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (ioctl(fd.get(), SIOCSIFFLAGS, &request) != 0) return ErrnoStatus(errno, "cannot bring up lo");
  return absl::OkStatus();
}

absl::Status SetLimits(const LaunchPlan& plan) {
  for (const ResourceLimit& limit : plan.limits) {
    if (setrlimit(static_cast<__rlimit_resource>(limit.resource), &limit.value) != 0) {
      return ErrnoStatus(errno, "cannot set a ulimit");
    }
  }
  return absl::OkStatus();
}

// Makes what is missing of the working directory, as BuildKit does: for the user of the RUN.
absl::Status EnterWorkdir(const LaunchPlan& plan) {
  if (chdir(plan.workdir.c_str()) == 0) return absl::OkStatus();
  if (errno == ENOENT) {
    std::string path;
    for (absl::string_view part : absl::StrSplit(plan.workdir, '/', absl::SkipEmpty())) {
      absl::StrAppend(&path, "/", part);
      if (mkdir(path.c_str(), 0755) != 0) continue;
      if (lchown(path.c_str(), plan.uid, plan.gid) != 0)
        return ErrnoStatus(errno, absl::StrCat("cannot chown ", path));
    }
    if (chdir(plan.workdir.c_str()) == 0) return absl::OkStatus();
  }
  return ErrnoStatus(errno, absl::StrCat("cannot enter the working directory ", plan.workdir));
}

absl::Status DropRights(const LaunchPlan& plan) {
  for (cap_value_t cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; ++cap) {
    if (std::find(std::begin(kCapabilities), std::end(kCapabilities), cap) != std::end(kCapabilities))
      continue;
    if (prctl(PR_CAPBSET_DROP, cap) != 0) return ErrnoStatus(errno, "cannot drop a capability");
  }
  // A user namespace of one id knows no other groups.
  if (setgroups(plan.groups.size(), plan.groups.data()) != 0 && plan.root_mode) {
    return ErrnoStatus(errno, "cannot set the groups");
  }
  if (setresgid(plan.gid, plan.gid, plan.gid) != 0)
    return ErrnoStatus(errno, absl::StrCat("cannot become group ", plan.gid));
  if (setresuid(plan.uid, plan.uid, plan.uid) != 0)
    return ErrnoStatus(errno, absl::StrCat("cannot become user ", plan.uid));
  cap_t caps = cap_init();
  if (plan.uid == 0) {
    cap_set_flag(caps, CAP_PERMITTED, std::size(kCapabilities), kCapabilities, CAP_SET);
    cap_set_flag(caps, CAP_EFFECTIVE, std::size(kCapabilities), kCapabilities, CAP_SET);
  }
  int error = cap_set_proc(caps) == 0 ? 0 : errno;
  cap_free(caps);
  return error == 0 ? absl::OkStatus() : ErrnoStatus(error, "cannot set the capabilities");
}

void ResetSignals() {
  // Those that were ignored; also the two that signal(2) keeps to itself. All zero is the default.
  static constexpr char kDefault[64] = {};
  for (int i = 1; i <= 64; ++i) syscall(SYS_rt_sigaction, i, kDefault, nullptr, 8);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

absl::Status Prepare(const LaunchPlan& plan, const std::vector<CgroupView>& cgroups, bool guarded,
                     int network) {
  // Not when it was cloned: its root is to be the group that the process is in now.
  if (unshare(CLONE_NEWCGROUP) != 0) return ErrnoStatus(errno, "cannot make a cgroup namespace");
  if (setsid() < 0) return ErrnoStatus(errno, "cannot start a session");
  if (sethostname(plan.hostname.data(), plan.hostname.size()) != 0)
    return ErrnoStatus(errno, "cannot set the host name");
  if (network >= 0 && setns(network, CLONE_NEWNET) != 0) {
    return ErrnoStatus(errno, "cannot enter the network namespace");
  }
  if (plan.network != Network::kHost) RETURN_IF_ERROR(BringUpLoopback());
  RETURN_IF_ERROR(EnterRootFs(plan, cgroups, guarded));
  return SetLimits(plan);
}

std::string SearchPath(const LaunchPlan& plan) {
  std::string path;
  for (const std::string& entry : plan.env) {
    if (absl::StartsWith(entry, "PATH=")) path = entry.substr(5);
  }
  return path;
}

// Only returns if it fails.
absl::Status Execute(const LaunchPlan& plan) {
  std::vector<char*> argv, env;
  for (const std::string& s : plan.argv) argv.push_back(const_cast<char*>(s.c_str()));
  for (const std::string& s : plan.env) env.push_back(const_cast<char*>(s.c_str()));
  argv.push_back(nullptr);
  env.push_back(nullptr);
  const std::string& name = plan.argv[0];
  if (absl::StrContains(name, '/')) {
    execve(name.c_str(), argv.data(), env.data());
    return ErrnoStatus(errno, absl::StrCat("cannot execute ", name));
  }
  int error = ENOENT;
  for (absl::string_view directory : absl::StrSplit(SearchPath(plan), ':')) {
    std::string file = JoinPath(directory.empty() ? "." : directory, name);
    struct stat st;
    if (stat(file.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) continue;
    execve(file.c_str(), argv.data(), env.data());
    if (errno != ENOENT || error == ENOENT) error = errno;
    if (errno != ENOENT && errno != EACCES) break;
  }
  if (error == ENOENT) return absl::NotFoundError(absl::StrCat(name, ": not found in $PATH"));
  return ErrnoStatus(error, absl::StrCat("cannot execute ", name));
}

[[noreturn]] void Fail(int fd, char kind, const absl::Status& status) {
  std::string message = absl::StrCat(absl::string_view(&kind, 1), status.message());
  ssize_t ignored = write(fd, message.data(), message.size());
  (void)ignored;
  _exit(127);
}

}  // namespace

void BecomeRun(const LaunchPlan& plan, const std::vector<CgroupView>& cgroups, bool guarded,
               const RunProcessFds& fds) {
  // The parent is outside the pid namespace, so its id cannot be asked for; if it died already, `go` shows
  // it.
  DieWithParent(0);
  absl::Status status = Prepare(plan, cgroups, guarded, fds.network);
  if (!status.ok()) Fail(fds.errors, absl::IsAborted(status) ? kWardenNoStart : kWardenFailed, status);
  char byte;
  if (read(fds.go, &byte, 1) != 1) _exit(127);
  BecomeProgram(plan, fds);
}

void BecomeProgram(const LaunchPlan& plan, const RunProcessFds& fds) {
  absl::Status status = EnterWorkdir(plan);
  if (!status.ok()) Fail(fds.errors, kWardenNoStart, status);
  if (fds.console >= 0) {
    status = TakeConsole(fds.console, plan.uid);
    if (!status.ok()) Fail(fds.errors, kWardenFailed, status);
  } else if (dup2(fds.input, 0) < 0 || dup2(fds.output, 1) < 0 || dup2(fds.error, 2) < 0) {
    Fail(fds.errors, kWardenFailed, ErrnoStatus(errno, "cannot redirect output"));
  }
  if (dup2(fds.errors, 3) < 0) Fail(fds.errors, kWardenFailed, ErrnoStatus(errno, "cannot redirect output"));
  fcntl(3, F_SETFD, FD_CLOEXEC);
  CloseFrom(4);
  ResetSignals();
  umask(022);
  int error = plan.seccomp_filter.empty() ? 0 : LoadSeccompFilter(plan.seccomp_filter);
  if (error != 0) Fail(3, kWardenFailed, ErrnoStatus(error, "cannot load the seccomp filter"));
  status = plan.insecure ? KeepAllRights(plan) : DropRights(plan);
  if (!status.ok()) Fail(3, kWardenFailed, status);
  // Changing the user has cleared it.
  DieWithParent(0);
  Fail(3, kWardenNoStart, Execute(plan));
}

}  // namespace kasane
