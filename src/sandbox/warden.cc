#include "src/sandbox/warden.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/sandbox/ask_ahead.h"
#include "src/sandbox/device_guard.h"
#include "src/sandbox/fd_message.h"
#include "src/sandbox/mounts.h"
#include "src/sandbox/process.h"
#include "src/sandbox/root_fs.h"
#include "src/sandbox/run_process.h"
#include "src/sandbox/way_out.h"

namespace kasane {
namespace {

constexpr int kSocket = 3;
constexpr int kOutput = 4;

void Send(char kind, absl::string_view text, int fd = -1) {
  SendMessage(kSocket, absl::StrCat(absl::string_view(&kind, 1), text), fd)
      .IgnoreError();  // nobody is left to know
}

// They become kSocket, kOutput and the numbers after it, which `io` then has.
absl::Status KeepOnly(int socket, int output, ProcessIo* io) {
  int* const kept[] = {&socket, &output, &io->input, &io->output, &io->error, &io->console};
  // Above where they go, so that none overwrites another.
  const int above = kSocket + static_cast<int>(std::size(kept));
  const int null = fcntl(open("/dev/null", O_RDWR), F_DUPFD, above);
  if (null < 0) return ErrnoStatus(errno, "cannot open /dev/null");
  for (int* fd : kept) {
    if (*fd >= 0 && (*fd = fcntl(*fd, F_DUPFD, above)) < 0) return ErrnoStatus(errno, "cannot redirect");
  }
  for (int i = 0; i < 3; ++i) dup2(null, i);
  int place = kSocket;
  for (int* fd : kept) {
    if (*fd < 0) continue;
    if (dup2(*fd, place) < 0) return ErrnoStatus(errno, "cannot redirect");
    fcntl(place, F_SETFD, FD_CLOEXEC);
    *fd = place++;
  }
  CloseFrom(place);
  return absl::OkStatus();
}

absl::Status MakeDirectory(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot create ", path));
}

absl::Status MountAll(const LaunchPlan& plan) {
  RETURN_IF_ERROR(Mount("", "/", "", MS_REC | MS_PRIVATE));
  // Relative paths: no escapes in overlayfs's options, and no limit on the length of the store's path.
  if (chdir(plan.scratch.c_str()) != 0)
    return ErrnoStatus(errno, absl::StrCat("cannot enter ", plan.scratch));
  const auto send = [](int fuse) { Send(kWardenFuse, "", fuse); };
  RETURN_IF_ERROR(MakeDirectory("root", 0755));
  if (plan.copied) {
    RETURN_IF_ERROR(Mount("upper", "root", "", MS_BIND));
    if (chdir("/") != 0) return ErrnoStatus(errno, "cannot enter /");
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(MountLower("lower", false, send));
  std::string lower = "lower";
  if (plan.frequent) {
    RETURN_IF_ERROR(MountLower("frequent", false, send));
    lower = "frequent:lower";
  }
  for (size_t i = 0; i < plan.lower_layers.size(); ++i) {
    const std::string link = absl::StrCat("l", i);
    if (symlink(plan.lower_layers[i].c_str(), link.c_str()) != 0)
      return ErrnoStatus(errno, absl::StrCat("cannot create ", link));
    absl::StrAppend(&lower, ":", link);
  }
  std::string where;
  absl::Status status = MountOverlay(plan.root, lower, where, "root", plan.root_mode);
  if (!status.ok()) {
    // overlayfs takes no upper directory on, say, another overlayfs or on NFS.
    RETURN_IF_ERROR(MakeDirectory("memory", 0700));
    absl::Status second = Mount("tmpfs", "memory", "tmpfs", 0, "mode=700");
    where = "memory/";
    if (second.ok()) second = MountOverlay(plan.root, lower, where, "root", plan.root_mode);
    if (!second.ok()) {
      return absl::InternalError(absl::StrCat(status.message(), " (upper directory in the store), ",
                                              second.message(), " (in memory)"));
    }
    Send(kWardenMemory, "");
  }
  RETURN_IF_ERROR(MountTrees(plan.mounts, where, plan.root_mode, send));
  if (chdir("/") != 0) return ErrnoStatus(errno, "cannot enter /");
  return absl::OkStatus();
}

absl::StatusOr<DeviceGuard> MakeDeviceGuard(const LaunchPlan& plan) {
  std::string mount_point = absl::StrCat(plan.scratch, "/cgroup");
  RETURN_IF_ERROR(MakeDirectory(mount_point, 0755));
  return DeviceGuard::Make(mount_point, plan.devices);
}

// The process that asks ahead; -1: there is nothing to ask.
pid_t StartAsking(const LaunchPlan& plan) {
  if (plan.copied || plan.ahead.size() == 0) return -1;
  const pid_t self = getpid();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  DieWithParent(self);
  CloseFrom(kSocket);
  AskAll(absl::StrCat(plan.scratch, "/frequent"), plan.ahead.frequent);
  AskAll(absl::StrCat(plan.scratch, "/lower"), plan.ahead.tree);
  _exit(0);
}

struct Pipe {
  UniqueFd read, write;
  static absl::StatusOr<Pipe> Make() {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
    return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
  }
};

// Waits for the RUN's process, and for the loss of whoever started us. Passes slirp4netns's word on.
// `errors`: of RunProcessFds, if it is to be told when the program has been started. Not OK: the process is
// not to start.
absl::Status WaitFor(pid_t pid, int run, int errors, const LaunchPlan& plan, UniqueFd* go, WayOut* way_out) {
  bool tells = plan.tells_start;
  while (true) {
    // No way out to wait for, or it is open, or slirp4netns died: then the RUN finds no network.
    if (go->valid() && way_out->ready() < 0) {
      for (const PortForward& port : plan.ports) RETURN_IF_ERROR(way_out->Publish(port));
      if (write(go->get(), "", 1) != 1) return absl::OkStatus();
      go->reset();
    }
    pollfd fds[4] = {{run, POLLIN, 0},
                     {kSocket, POLLIN, 0},
                     {way_out->ready(), POLLIN, 0},
                     {tells && !go->valid() ? errors : -1, POLLIN, 0}};
    if (poll(fds, 4, -1) < 0 && errno != EINTR) return absl::OkStatus();
    if (fds[1].revents != 0) return absl::OkStatus();  // nothing is ever sent to us: it was closed
    if (fds[2].revents != 0) way_out->ResetReady();
    if (fds[3].revents != 0) {
      if (fds[3].revents == POLLHUP)  // exec has closed it
        Send(kWardenStarted, absl::string_view(reinterpret_cast<const char*>(&pid), sizeof(pid)));
      tells = false;
    }
    if (fds[0].revents != 0) return absl::OkStatus();
  }
}

absl::Status Run(const LaunchPlan& plan) {
  std::vector<CgroupView> cgroups = FindCgroups();
  WayOut way_out;
  if (plan.network == Network::kIsolated) {
    ASSIGN_OR_RETURN(way_out, WayOut::Start(plan.slirp, plan.ports.empty() ? "" : plan.scratch));
  }
  RETURN_IF_ERROR(MountAll(plan));
  const pid_t asking = StartAsking(plan);
  DeviceGuard guard;
  if (plan.root_mode && !plan.insecure) {
    absl::StatusOr<DeviceGuard> made = MakeDeviceGuard(plan);
    if (made.ok()) guard = *std::move(made);
  }
  ASSIGN_OR_RETURN(Pipe input, Pipe::Make());
  ASSIGN_OR_RETURN(Pipe errors, Pipe::Make());
  ASSIGN_OR_RETURN(Pipe go, Pipe::Make());
  uint64_t namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
  if (plan.network == Network::kNone) namespaces |= CLONE_NEWNET;
  int pidfd = -1;
  pid_t pid = CloneProcess(namespaces, &pidfd, guard.fd());
  if (pid < 0) return ErrnoStatus(errno, "cannot make the namespaces of a sandbox");
  if (pid == 0) {
    go.write.reset();  // else the end of this pipe would never be seen
    BecomeRun(plan, cgroups, guard.fd() >= 0 || plan.insecure,
              {.input = plan.io.input >= 0 ? plan.io.input : input.read.get(),
               .output = plan.io.output >= 0 ? plan.io.output : kOutput,
               .error = plan.io.error >= 0 ? plan.io.error : kOutput,
               .console = plan.io.console,
               .errors = errors.write.get(),
               .go = go.read.get(),
               .network = way_out.network()});
  }
  UniqueFd run(pidfd);
  errors.write.reset();
  input = Pipe();
  close(kOutput);
  for (int fd : {plan.io.input, plan.io.output, plan.io.error, plan.io.console}) {
    if (fd >= 0) close(fd);
  }
  const absl::Status waited = WaitFor(pid, run.get(), errors.read.get(), plan, &go.write, &way_out);

  kill(pid, SIGKILL);
  if (asking > 0) {
    kill(asking, SIGKILL);
    WaitForEnd(asking);
  }
  way_out.Kill();
  const int wait_status = WaitForEnd(pid);
  ASSIGN_OR_RETURN(std::string error, ReadAllFrom(errors.read.get(), "the RUN's pipe"));
  if (!waited.ok()) {
    Send(kWardenNoStart, waited.message());
  } else if (!error.empty()) {
    Send(error[0], error.substr(1));
  } else {
    Send(kWardenExited, absl::string_view(reinterpret_cast<const char*>(&wait_status), sizeof(wait_status)));
  }
  return absl::OkStatus();
}

}  // namespace

void RunWarden(LaunchPlan plan, int socket, int output) {
  setsid();
  prctl(PR_SET_NAME, "kasane-warden");
  signal(SIGPIPE, SIG_IGN);
  absl::Status status = KeepOnly(socket, output, &plan.io);
  if (status.ok()) status = Run(plan);
  if (!status.ok()) {
    close(kOutput);  // else its reader would wait for us, and we for it
    Send(kWardenFailed, status.message());
  }
  char byte;
  while (read(kSocket, &byte, 1) < 0 && errno == EINTR) {
  }
  _exit(0);
}

}  // namespace kasane
