#include "src/sandbox/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/sandbox/etc_files.h"
#include "src/sandbox/freeze.h"
#include "src/sandbox/launcher.h"
#include "src/sandbox/lowerfs.h"
#include "src/sandbox/seccomp_profile.h"

namespace kasane {
namespace {

// What must be there to be mounted on but is not in the tree: shown by lowerfs, so that it is never in the
// upper directory and needs no cleaning up.
struct Stubs {
  std::vector<DeltaEntry> entries;
  std::string hosts_target, resolv_target;
  FreezeOptions freeze;
};

Entry StubEntry(EntryType type) {
  Entry entry;
  entry.type = type;
  entry.mode = type == EntryType::kDirectory ? 0755 : 0644;
  if (type == EntryType::kFile) entry.content = Sha256Of("");
  return entry;
}

void AddStub(const std::string& path, EntryType type, Stubs* stubs) {
  for (const DeltaEntry& known : stubs->entries) {
    if (known.path == path) return;
  }
  DeltaEntry delta;
  delta.path = path;
  delta.entry = StubEntry(type);
  stubs->entries.push_back(std::move(delta));
}

absl::StatusOr<std::string> AddFileStub(const Tree& below, const std::string& path, Stubs* stubs) {
  ASSIGN_OR_RETURN(std::string target, below.Resolve(path));
  if (below.Lookup(target) == nullptr) {
    for (size_t slash = target.find('/'); slash != std::string::npos; slash = target.find('/', slash + 1)) {
      std::string parent = target.substr(0, slash);
      if (below.Lookup(parent) != nullptr) continue;
      AddStub(parent, EntryType::kDirectory, stubs);
      stubs->freeze.stub_directories.push_back(parent);
    }
    AddStub(target, EntryType::kFile, stubs);
  }
  return absl::StrCat("/", target);
}

absl::StatusOr<Stubs> MakeStubs(const Tree& below) {
  Stubs stubs;
  for (const char* path : {"dev", "proc", "sys"}) {
    if (below.Lookup(path) != nullptr) continue;
    AddStub(path, EntryType::kDirectory, &stubs);
    stubs.freeze.left_behind.push_back(path);
  }
  ASSIGN_OR_RETURN(stubs.hosts_target, AddFileStub(below, "/etc/hosts", &stubs));
  ASSIGN_OR_RETURN(stubs.resolv_target, AddFileStub(below, "/etc/resolv.conf", &stubs));
  return stubs;
}

std::string FindInPath(absl::string_view program) {
  const char* path = getenv("PATH");
  for (absl::string_view directory :
       absl::StrSplit(path == nullptr ? "/usr/bin:/bin" : path, ':', absl::SkipEmpty())) {
    std::string file = absl::StrCat(directory, "/", program);
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

void ChooseNetwork(const SandboxOptions& options, LaunchPlan* plan) {
  plan->network = options.network;
  if (options.network != Network::kIsolated) return;
  plan->slirp = FindInPath("slirp4netns");
  const char* missing = plan->slirp.empty() ? "slirp4netns is not installed" : nullptr;
  if (missing == nullptr && !PathExists("/dev/net/tun")) missing = "there is no /dev/net/tun";
  if (missing == nullptr) return;
  plan->network = Network::kHost;
  if (options.notice) options.notice(absl::StrCat("RUN uses the host's network: ", missing));
}

absl::StatusOr<LaunchPlan> MakePlan(const SandboxOptions& options, const Tree& below, const Stubs& stubs,
                                    const std::string& scratch) {
  LaunchPlan plan;
  ChooseNetwork(options, &plan);
  plan.scratch = scratch;
  const Entry& root = below.root().entry;
  plan.root_permissions = root.mode;
  plan.root_uid = root.uid;
  plan.root_gid = root.gid;
  plan.root_xattrs = root.xattrs;
  plan.root_mtime = kDirectoryTime;
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
  ASSIGN_OR_RETURN(plan.seccomp_filter, BuildSeccompFilter());
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

absl::StatusOr<Ending> Supervise(Launcher* launcher, LowerFs* lower, int output,
                                 const SandboxOptions& options) {
  Ending ending;
  bool output_open = true, running = true;
  while (running || output_open) {
    pollfd fds[2] = {{running ? launcher->fd() : -1, POLLIN, 0}, {output_open ? output : -1, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return ErrnoStatus(errno, "cannot wait for a RUN");
    if (fds[1].revents != 0) PassOn(output, options, &output_open);
    if (fds[0].revents == 0) continue;
    LaunchEvent event = launcher->Next();
    if (event.kind == LaunchEvent::kFuse) {
      RETURN_IF_ERROR(lower->Start(std::move(event.fuse)));
    } else if (event.kind == LaunchEvent::kMemory) {
      ending.in_memory = true;
    } else {
      ending.last = std::move(event);
      running = false;
    }
  }
  return ending;
}

}  // namespace

absl::StatusOr<SandboxResult> RunInSandbox(Store* store, const Tree& below, const SandboxOptions& options) {
  ASSIGN_OR_RETURN(Stubs stubs, MakeStubs(below));
  stubs.freeze.epoch = options.epoch;
  ASSIGN_OR_RETURN(Delta stub_delta, Delta::FromEntries(stubs.entries));
  ASSIGN_OR_RETURN(Tree shown, below.Apply(stub_delta));
  ASSIGN_OR_RETURN(ScratchDir scratch, store->NewScratch());
  ASSIGN_OR_RETURN(LaunchPlan plan, MakePlan(options, below, stubs, scratch.path()));
  RETURN_IF_ERROR(WriteFileAtomic(absl::StrCat(scratch.path(), "/resolv.conf"),
                                  MakeResolvConf(ReadHostResolvConf(plan.network), plan.network)));
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  UniqueFd output(fds[0]), output_end(fds[1]);
  LowerFs::Options lower_options;
  lower_options.passthrough = geteuid() == 0;
  lower_options.no_xattrs = options.no_xattrs;
  lower_options.observer = options.observer;
  LowerFs lower(store, shown, lower_options);
  ASSIGN_OR_RETURN(Launcher launcher, Launcher::Start(plan, std::move(output_end)));
  absl::StatusOr<Ending> supervised = Supervise(&launcher, &lower, output.get(), options);
  if (!supervised.ok()) lower.Stop();  // what the warden waits for fails then
  RETURN_IF_ERROR(lower.status());
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
  if (result.exit_code == 0) {
    std::string upper = ending.in_memory
                            ? absl::StrCat(launcher.warden_root(), scratch.path(), "/memory/upper")
                            : absl::StrCat(scratch.path(), "/upper");
    ASSIGN_OR_RETURN(result.delta, FreezeUpper(store, upper, below, stubs.freeze));
    RETURN_IF_ERROR(lower.status());
  }
  result.requests = lower.request_counts();
  launcher.Finish();
  return result;
}

}  // namespace kasane
