#include "src/sandbox/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/base/timeline.h"
#include "src/sandbox/etc_files.h"
#include "src/sandbox/freeze.h"
#include "src/sandbox/frequent_fs.h"
#include "src/sandbox/launcher.h"
#include "src/sandbox/lowerfs.h"
#include "src/sandbox/mounts.h"
#include "src/sandbox/plain_root.h"
#include "src/sandbox/seccomp_profile.h"
#include "src/sandbox/stubs.h"
#include "src/sandbox/user_namespace.h"

namespace kasane {
namespace {

std::string FindInPath(absl::string_view program) {
  const char* path = getenv("PATH");
  for (absl::string_view directory :
       absl::StrSplit(path == nullptr ? "/usr/bin:/bin" : path, ':', absl::SkipEmpty())) {
    std::string file = absl::StrCat(directory, "/", program);
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

absl::Status ChooseNetwork(const SandboxOptions& options, LaunchPlan* plan) {
  plan->network = options.network;
  if (options.network != Network::kIsolated) return absl::OkStatus();
  plan->slirp = FindInPath("slirp4netns");
  const char* missing = plan->slirp.empty() ? "slirp4netns is not installed" : nullptr;
  if (missing == nullptr && !PathExists("/dev/net/tun")) missing = "there is no /dev/net/tun";
  if (missing == nullptr) return absl::OkStatus();
  if (!options.ports.empty()) return absl::AbortedError(absl::StrCat("no port can be published: ", missing));
  plan->network = Network::kHost;
  if (options.notice) options.notice(absl::StrCat("RUN uses the host's network: ", missing));
  return absl::OkStatus();
}

absl::StatusOr<LaunchPlan> MakePlan(const SandboxOptions& options, const Tree& below, const Stubs& stubs,
                                    const std::string& scratch) {
  LaunchPlan plan;
  RETURN_IF_ERROR(ChooseNetwork(options, &plan));
  plan.scratch = scratch;
  plan.root = OverlayRootOf(below);
  plan.root_mode = InInitialUserNamespace();
  plan.argv = options.argv;
  plan.env = options.env;
  plan.workdir = options.workdir;
  plan.uid = options.uid;
  plan.gid = options.gid;
  plan.groups = options.groups;
  plan.hostname = options.hostname;
  plan.limits = options.limits;
  if (options.shm_size > 0) plan.shm_size = options.shm_size;
  plan.inline_files = options.inline_files;
  plan.hosts_target = stubs.hosts_target;
  plan.resolv_target = stubs.resolv_target;
  plan.mounts = options.mounts;
  plan.lower_layers = options.lower_layers;
  plan.frequent = options.frequent != nullptr;
  plan.ahead = options.ahead;
  plan.insecure = options.insecure;
  plan.io = options.io;
  plan.ports = options.ports;
  plan.tells_start = options.on_running != nullptr;
  plan.devices = options.devices;
  if (!plan.insecure) {
    ASSIGN_OR_RETURN(plan.seccomp_filter, BuildSeccompFilter());
  }
  RETURN_IF_ERROR(
      WriteFileAtomic(absl::StrCat(scratch, "/hosts"), MakeHosts(options.hostname, options.add_hosts)));
  return plan;
}

// What the launcher's events came to.
struct Ending {
  LaunchEvent last;
  bool in_memory = false;
};

void PassOn(int fd, const SandboxOptions& options, bool* open) {
  char buffer[65536];
  ssize_t n = read(fd, buffer, sizeof(buffer));
  if (n > 0) {
    if (options.output) options.output(absl::string_view(buffer, static_cast<size_t>(n)));
  } else if (n == 0 || errno != EINTR) {
    *open = false;
  }
}

// The tree below, its frequent files, then trees of mounts, in the order in which the warden mounts them.
using Lowers = std::vector<std::unique_ptr<LowerFs>>;

Lowers MakeLowers(Store* store, const Tree& shown, const SandboxOptions& options) {
  LowerFs::Options lower;
  lower.passthrough = InInitialUserNamespace() && geteuid() == 0;
  lower.no_xattrs = options.no_xattrs;
  lower.observer = options.observer;
  lower.expected = options.expected;
  Lowers lowers;
  lowers.push_back(std::make_unique<LowerFs>(store, shown, lower));
  if (options.frequent != nullptr) {
    LowerFs::Options frequent = lower;
    frequent.passthrough = false;
    frequent.threads = 1;
    lowers.push_back(std::make_unique<FrequentFs>(store, shown, frequent, options.frequent));
  }
  lower.no_xattrs = false;
  for (const SandboxMount& mount : options.mounts) {
    if (mount.kind != SandboxMount::Kind::kTree) continue;
    lower.observer = mount.observer;
    lower.expected = mount.expected;
    lowers.push_back(std::make_unique<LowerFs>(store, mount.tree, lower));
  }
  return lowers;
}

absl::Status StatusOf(const Lowers& lowers) {
  for (const std::unique_ptr<LowerFs>& lower : lowers) RETURN_IF_ERROR(lower->status());
  return absl::OkStatus();
}

absl::StatusOr<Ending> Supervise(Launcher* launcher, const Lowers& lowers, int output,
                                 const SandboxOptions& options) {
  Ending ending;
  bool output_open = true, running = true;
  size_t mounted = 0;
  while (running || output_open) {
    pollfd fds[2] = {{running ? launcher->fd() : -1, POLLIN, 0}, {output_open ? output : -1, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return ErrnoStatus(errno, "cannot wait for a RUN");
    if (fds[1].revents != 0) PassOn(output, options, &output_open);
    if (fds[0].revents == 0) continue;
    LaunchEvent event = launcher->Next();
    if (event.kind == LaunchEvent::kFuse) {
      if (mounted >= lowers.size()) return absl::InternalError("a mount too many in a sandbox");
      RETURN_IF_ERROR(lowers[mounted++]->Start(std::move(event.fuse)));
    } else if (event.kind == LaunchEvent::kStarted) {
      options.on_running(event.pid);
    } else if (event.kind == LaunchEvent::kMemory) {
      ending.in_memory = true;
    } else {
      ending.last = std::move(event);
      running = false;
    }
  }
  return ending;
}

absl::StatusOr<SandboxResult> Run(Store* store, const Tree& below, SandboxOptions options) {
  std::string notice;
  RETURN_IF_ERROR(BecomeRootOfUserNamespace(&notice));
  if (!notice.empty() && options.notice) options.notice(notice);
  ASSIGN_OR_RETURN(Stubs stubs, MakeStubs(below, &options.mounts, options.workdir, options.uid, options.gid));
  stubs.freeze.epoch = options.epoch;
  ASSIGN_OR_RETURN(Delta stub_delta, Delta::FromEntries(stubs.entries));
  ASSIGN_OR_RETURN(Tree shown, below.Apply(stub_delta));
  Tree unchanged = below;
  if (!options.also_shown.empty()) {
    ASSIGN_OR_RETURN(shown, shown.Apply(options.also_shown));
    ASSIGN_OR_RETURN(unchanged, below.Apply(options.also_shown));
  }
  ASSIGN_OR_RETURN(ScratchDir scratch, store->NewScratch());
  ASSIGN_OR_RETURN(LaunchPlan plan, MakePlan(options, below, stubs, scratch.path()));
  RETURN_IF_ERROR(WriteFileAtomic(absl::StrCat(scratch.path(), "/resolv.conf"),
                                  MakeResolvConf(ReadHostResolvConf(plan.network), plan.network)));
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  UniqueFd output(fds[0]), output_end(fds[1]);
  Lowers lowers;
  plan.copied = stubs.freeze.whole = options.copied;
  if (options.copied) {
    RETURN_IF_ERROR(CopyTrees(*store, shown, options, scratch.path()));
  } else {
    lowers = MakeLowers(store, shown, options);
  }
  ASSIGN_OR_RETURN(Launcher launcher, Launcher::Start(plan, std::move(output_end)));
  if (options.on_start) {
    options.on_start({absl::StrCat(scratch.path(), "/upper"),
                      absl::StrCat(launcher.warden_root(), scratch.path(), "/memory/upper")});
  }
  Span command("the command");
  absl::StatusOr<Ending> supervised = Supervise(&launcher, lowers, output.get(), options);
  command.End();
  if (!supervised.ok()) {  // what the warden waits for fails then
    for (const std::unique_ptr<LowerFs>& lower : lowers) lower->Stop();
  }
  RETURN_IF_ERROR(StatusOf(lowers));
  ASSIGN_OR_RETURN(Ending ending, std::move(supervised));

  SandboxResult result;
  switch (ending.last.kind) {
    case LaunchEvent::kExited: {
      int status = ending.last.wait_status;
      result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      break;
    }
    case LaunchEvent::kNoStart:
      result.exit_code = 127;
      result.start_error = ending.last.text;
      break;
    case LaunchEvent::kFailed:
      return absl::InternalError(absl::StrCat("cannot make a sandbox: ", ending.last.text));
    default:
      return absl::InternalError("the sandbox was killed");
  }
  // Mounts and what lies in the kernel's caches for them take a while to go; what the RUN left is read
  // meanwhile, unless it lies in one of them.
  std::jthread takedown;
  if (!ending.in_memory) takedown = std::jthread([&launcher] { launcher.Finish(); });
  if (result.exit_code == 0 && !options.keeps_nothing) {
    std::string upper = ending.in_memory
                            ? absl::StrCat(launcher.warden_root(), scratch.path(), "/memory/upper")
                            : absl::StrCat(scratch.path(), "/upper");
    if (options.on_success) options.on_success(upper);
    Span span("take the delta");
    ASSIGN_OR_RETURN(result.delta, FreezeUpper(store, upper, unchanged, stubs.freeze));
    span.Count(result.delta.entries().size(), "entries");
    span.End();
    RETURN_IF_ERROR(StatusOf(lowers));
    if (options.on_end) RETURN_IF_ERROR(options.on_end(result.delta));
  }
  if (!lowers.empty()) result.requests = lowers[0]->request_counts();
  if (options.frequent != nullptr) {
    const std::vector<uint64_t> more = lowers[1]->request_counts();
    for (size_t i = 0; i < more.size(); ++i) result.requests[i] += more[i];
  }
  Span span("wait for the sandbox to go");
  if (takedown.joinable()) takedown.join();
  launcher.Finish();
  span.End();
  Span clear("free lowerfs");
  lowers.clear();
  clear.End();
  Span remove("remove the scratch directory");
  scratch = ScratchDir();
  return result;
}

}  // namespace

absl::StatusOr<ShownTree> ShowTree(const Tree& below, const SandboxOptions& options) {
  std::vector<SandboxMount> mounts = options.mounts;
  ASSIGN_OR_RETURN(Stubs stubs, MakeStubs(below, &mounts, options.workdir, options.uid, options.gid));
  ASSIGN_OR_RETURN(Delta delta, Delta::FromEntries(stubs.entries));
  ShownTree shown;
  ASSIGN_OR_RETURN(shown.tree, below.Apply(delta));
  std::string key;
  PutBytes(&key, delta.Encode());
  PutBytes(&key, stubs.hosts_target);
  PutBytes(&key, stubs.resolv_target);
  for (const std::string& path : stubs.freeze.stub_directories) PutBytes(&key, path);
  for (const std::string& path : stubs.freeze.left_behind) PutBytes(&key, path);
  shown.stubs = Sha256Of(key);
  return shown;
}

absl::StatusOr<SandboxResult> RunInSandbox(Store* store, const Tree& below, const SandboxOptions& options) {
  SandboxOptions sorted = options;
  absl::StatusOr<SandboxResult> result;
  const absl::Status status = SortMounts(&sorted.mounts);
  if (status.ok()) {
    result = Run(store, below, std::move(sorted));
  } else {
    result = status;
  }
  // Mounts that do not fit are a fault of the command, like a program that is not there.
  if (!absl::IsAborted(result.status())) return result;
  SandboxResult failed;
  failed.exit_code = 127;
  failed.start_error = std::string(result.status().message());
  return failed;
}

}  // namespace kasane
