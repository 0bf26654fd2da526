#include "src/containers/run_container.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/containers/attend.h"
#include "src/containers/image_source.h"
#include "src/sandbox/console.h"
#include "src/sandbox/enter.h"
#include "src/sandbox/plain_root.h"
#include "src/sandbox/process.h"
#include "src/sandbox/sandbox.h"
#include "src/sandbox/seccomp_profile.h"
#include "src/steps/run_request.h"
#include "src/store/gc.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

constexpr char kPath[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr size_t kLongestHostname = 63;

absl::string_view NameOf(absl::string_view variable) { return variable.substr(0, variable.find('=')); }

// Replaces the variable, or adds it.
void Set(const std::string& variable, std::vector<std::string>* env) {
  for (std::string& known : *env) {
    if (NameOf(known) != NameOf(variable)) continue;
    known = variable;
    return;
  }
  env->push_back(variable);
}

void SetIfMissing(const std::string& variable, std::vector<std::string>* env) {
  for (const std::string& known : *env) {
    if (NameOf(known) == NameOf(variable)) return;
  }
  env->push_back(variable);
}

int ParseSignal(absl::string_view text) {
  int number = 0;
  if (absl::SimpleAtoi(text, &number)) return number > 0 && number <= 64 ? number : SIGTERM;
  const std::string name = absl::AsciiStrToUpper(absl::StripPrefix(text, "SIG"));
  for (int signal = 1; signal < 32; ++signal) {
    const char* known = sigabbrev_np(signal);
    if (known != nullptr && name == known) return signal;
  }
  return SIGTERM;
}

absl::Status BadPort(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is no port: 8080:80, 127.0.0.1:8080:80 or 80"));
}

bool ParsePortNumber(absl::string_view text, uint16_t* port) {
  int number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < 1 || number > 65535) return false;
  *port = static_cast<uint16_t>(number);
  return true;
}

// Both ends of a terminal of the container's, or none.
struct Console {
  UniqueFd ours, theirs;
  absl::Status Make() {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
      return ErrnoStatus(errno, "cannot make a socket");
    ours.reset(fds[0]);
    theirs.reset(fds[1]);
    return absl::OkStatus();
  }
};

// A thread that attends to a process until it is told that this has ended.
class Attendant {
 public:
  Attendant() : ended_(eventfd(0, EFD_CLOEXEC)) {}
  ~Attendant() {
    const uint64_t one = 1;
    if (thread_.joinable() && write(ended_.get(), &one, sizeof(one)) == sizeof(one)) thread_.join();
  }
  void Start(pid_t process, UniqueFd console) {
    console_ = std::move(console);
    thread_ = std::thread([this, process] { Attend(process, console_.get(), ended_.get()); });
  }

 private:
  const UniqueFd ended_;
  UniqueFd console_;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<ProcessWords> WordsOf(const Json& config, const ContainerRequest& request) {
  const Json& image = JsonMember(config, "config");
  ProcessWords words;
  words.argv = request.entrypoint.value_or(JsonStrings(image, "Entrypoint"));
  std::vector<std::string> rest = request.command;
  if (rest.empty() && !request.entrypoint.has_value()) rest = JsonStrings(image, "Cmd");
  words.argv.insert(words.argv.end(), rest.begin(), rest.end());
  if (words.argv.empty())
    return absl::InvalidArgumentError("the image says of no command: name one, as in `gen run -- sh`");
  words.env = JsonStrings(image, "Env");
  for (const std::string& variable : request.env) Set(variable, &words.env);
  SetIfMissing(kPath, &words.env);
  SetIfMissing(absl::StrCat("HOSTNAME=", request.name.substr(0, kLongestHostname)), &words.env);
  if (request.terminal) SetIfMissing("TERM=xterm", &words.env);
  words.user = request.user.empty() ? JsonString(image, "User") : request.user;
  words.workdir = request.workdir.empty() ? JsonString(image, "WorkingDir", "/") : request.workdir;
  if (words.workdir.empty()) words.workdir.push_back('/');
  words.stop_signal = ParseSignal(JsonString(image, "StopSignal", "SIGTERM"));
  return words;
}

absl::StatusOr<PortForward> ParsePort(absl::string_view text) {
  PortForward port;
  absl::string_view rest = text;
  if (absl::ConsumeSuffix(&rest, "/udp")) port.udp = true;
  absl::ConsumeSuffix(&rest, "/tcp");
  const std::vector<absl::string_view> parts = absl::StrSplit(rest, ':');
  if (parts.size() > 3 || !ParsePortNumber(parts.back(), &port.port)) return BadPort(text);
  port.host_port = port.port;
  if (parts.size() > 1 && !ParsePortNumber(parts[parts.size() - 2], &port.host_port)) return BadPort(text);
  if (parts.size() == 3) port.address = std::string(parts[0]);
  return port;
}

std::string ShownPort(const PortForward& port) {
  return absl::StrCat(port.address, ":", port.host_port, "->", port.port, port.udp ? "/udp" : "/tcp");
}

absl::StatusOr<SandboxMount> ParseVolume(absl::string_view text) {
  SandboxMount mount;
  mount.kind = SandboxMount::Kind::kHost;
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  const bool known = parts.size() == 2 || (parts.size() == 3 && (parts[2] == "ro" || parts[2] == "rw"));
  if (!known || !absl::StartsWith(parts[1], "/")) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no volume: /here:/there or /here:/there:ro"));
  }
  const bool relative =
      parts[0] == "." || absl::StartsWith(parts[0], "./") || absl::StartsWith(parts[0], "../");
  struct stat st;
  mount.path = relative ? AbsolutePath(parts[0]) : parts[0];
  if (!absl::StartsWith(mount.path, "/")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", parts[0], "\" would be a volume that has a name, and there are none: write ./", parts[0]));
  }
  if (stat(mount.path.c_str(), &st) != 0)
    return absl::InvalidArgumentError(absl::StrCat("volume ", parts[0], ": there is no such path here"));
  mount.is_file = !S_ISDIR(st.st_mode);
  mount.target = CleanPath(parts[1]);
  mount.read_only = parts.size() == 3 && parts[2] == "ro";
  return mount;
}

absl::StatusOr<ContainerSource> SourceOf(const Store& store, const BuiltImage& image) {
  ASSIGN_OR_RETURN(ImageDocuments documents, ReadImageDocuments(store, image));
  return ContainerSource{ShownName(image),           image.manifest, image.base, image.deltas, {},
                         std::move(documents.config)};
}

absl::StatusOr<Tree> TreeOf(Store* store, const ContainerSource& source) {
  ASSIGN_OR_RETURN(const Tree tree, ComposeTree(store, source.base, source.deltas));
  std::vector<DeltaEntry> gone;
  for (const std::string& path : source.hidden) {
    gone.emplace_back();
    gone.back().path = path;
    gone.back().whiteout = true;
  }
  ASSIGN_OR_RETURN(const Delta delta, Delta::FromEntries(std::move(gone)));
  return tree.Apply(delta);
}

absl::StatusOr<int> RunContainer(Store* store, const ContainerSource& source, const ContainerRequest& request,
                                 const std::function<void(const Container&)>& on_running) {
  ASSIGN_OR_RETURN(const ProcessWords words, WordsOf(source.config, request));
  ASSIGN_OR_RETURN(const Tree tree, TreeOf(store, source));
  RunSpec spec;
  spec.argv = words.argv;
  spec.env = words.env;
  spec.user = words.user;
  spec.workdir = words.workdir;
  spec.network = request.network;
  spec.hostname = request.name.substr(0, kLongestHostname);
  spec.add_hosts = request.add_hosts;
  ASSIGN_OR_RETURN(SandboxOptions options, MakeSandboxOptions(spec, *store, tree));
  options.mounts = request.mounts;
  options.ports = request.ports;
  options.keeps_nothing = true;
  options.copied = !WhyNoLayers().empty();
  options.notice = [](absl::string_view text) { fprintf(stderr, "gen: %s\n", std::string(text).c_str()); };

  Console console;
  if (request.terminal) {
    RETURN_IF_ERROR(console.Make());
    options.io.console = console.theirs.get();
  } else {
    if (request.interactive) options.io.input = STDIN_FILENO;
    options.io.output = request.log >= 0 ? request.log : STDOUT_FILENO;
    options.io.error = request.log >= 0 ? request.log : STDERR_FILENO;
  }
  Container container;
  container.name = request.name;
  container.image = source.name;
  container.manifest = source.manifest;
  container.command = options.argv;
  container.env = options.env;
  container.workdir = options.workdir;
  container.uid = options.uid;
  container.gid = options.gid;
  container.groups = options.groups;
  for (const PortForward& port : request.ports) container.ports.push_back(ShownPort(port));
  container.stop_signal = words.stop_signal;
  container.created = std::time(nullptr);
  container.supervisor = NameProcess(getpid());

  const std::string directory = ContainerDirectory(*store, request.name);
  std::vector<Digest> used = source.deltas;
  if (!source.base.empty()) used.push_back(source.base);
  if (!source.manifest.empty()) used.push_back(source.manifest);
  RETURN_IF_ERROR(KeepWhileUsed(store, directory, used));
  HoldSignals();
  const RawTerminal raw(request.terminal ? STDIN_FILENO : -1);
  absl::Status saved;
  absl::StatusOr<SandboxResult> result;
  {
    Attendant attendant;
    options.on_running = [&](pid_t process) {
      container.process = NameProcess(process);
      saved = SaveContainer(*store, container);
      UniqueFd ours;
      if (request.terminal) {
        absl::StatusOr<UniqueFd> received = ReceiveConsole(console.ours.get());
        if (received.ok()) ours = *std::move(received);
      }
      attendant.Start(process, std::move(ours));
      if (saved.ok() && on_running) on_running(container);
    };
    result = RunInSandbox(store, tree, options);
  }
  RETURN_IF_ERROR(NoLongerUsed(directory));
  RETURN_IF_ERROR(result.status());
  if (!result->start_error.empty()) return absl::AbortedError(result->start_error);
  RETURN_IF_ERROR(saved);
  container.ended = std::time(nullptr);
  container.exit_code = result->exit_code;
  RETURN_IF_ERROR(SaveContainer(*store, container));
  return result->exit_code;
}

namespace {

// "UID" or "UID:GID". Names are the image's, whose files may have changed.
absl::Status ParseIds(absl::string_view text, uint32_t* uid, uint32_t* gid) {
  const std::pair<absl::string_view, absl::string_view> ids = absl::StrSplit(text, absl::MaxSplits(':', 1));
  *gid = 0;
  if (absl::SimpleAtoi(ids.first, uid) && (ids.second.empty() || absl::SimpleAtoi(ids.second, gid)))
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("user \"", text, "\" is no UID or UID:GID"));
}

}  // namespace

absl::StatusOr<int> RunInContainer(const Container& container, const ContainerRequest& request) {
  LaunchPlan plan;
  plan.argv = request.command;
  plan.env = container.env;
  for (const std::string& variable : request.env) Set(variable, &plan.env);
  if (request.terminal) SetIfMissing("TERM=xterm", &plan.env);
  plan.workdir = request.workdir.empty() ? container.workdir : request.workdir;
  plan.uid = container.uid;
  plan.gid = container.gid;
  plan.groups = container.groups;
  if (!request.user.empty()) {
    RETURN_IF_ERROR(ParseIds(request.user, &plan.uid, &plan.gid));
    plan.groups.clear();
  }
  ASSIGN_OR_RETURN(plan.seccomp_filter, BuildSeccompFilter());
  Console console;
  UniqueFd null;
  if (request.terminal) {
    RETURN_IF_ERROR(console.Make());
    plan.io.console = console.theirs.get();
  } else {
    ASSIGN_OR_RETURN(null, OpenFile("/dev/null", O_RDONLY));
    plan.io.input = request.interactive ? STDIN_FILENO : null.get();
    plan.io.output = STDOUT_FILENO;
    plan.io.error = STDERR_FILENO;
    return RunBeside(container.process.pid, plan);
  }
  // The terminal is attended to by this process, the program waited for by another.
  HoldSignals();
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  UniqueFd errors(fds[0]), errors_end(fds[1]);
  int pidfd = -1;
  const pid_t child = CloneProcess(0, &pidfd);
  if (child < 0) return ErrnoStatus(errno, "cannot fork");
  if (child == 0) {
    DieWithParent(0);
    console.ours.reset();
    const absl::StatusOr<int> code = RunBeside(container.process.pid, plan);
    if (!code.ok()) WriteAll(errors_end.get(), code.status().message(), "a pipe").IgnoreError();
    _exit(code.ok() ? *code : 127);
  }
  const UniqueFd ended(pidfd);
  errors_end.reset();
  console.theirs.reset();
  absl::StatusOr<UniqueFd> terminal = ReceiveConsole(console.ours.get());
  if (terminal.ok()) {
    const RawTerminal raw(STDIN_FILENO);
    Attend(child, terminal->get(), ended.get());
  }
  const int status = WaitForEnd(child);
  ASSIGN_OR_RETURN(const std::string error, ReadAllFrom(errors.get(), "a pipe"));
  if (!error.empty()) return absl::AbortedError(error);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace kasane
