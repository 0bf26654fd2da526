#include "src/steps/run_ssh.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/child.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr char kListKeys = 11;               // SSH_AGENTC_REQUEST_IDENTITIES
constexpr char kSign = 13;                   // SSH_AGENTC_SIGN_REQUEST
constexpr char kFailure = 5;                 // SSH_AGENT_FAILURE
constexpr uint32_t kMaxMessage = 256 << 10;  // OpenSSH's limit

bool ReadFully(int fd, char* data, size_t size) {
  while (size > 0) {
    const ssize_t n = read(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

bool ReadMessage(int fd, std::string* message) {
  unsigned char head[4];
  if (!ReadFully(fd, reinterpret_cast<char*>(head), sizeof(head))) return false;
  const uint32_t size = uint32_t{head[0]} << 24 | uint32_t{head[1]} << 16 | uint32_t{head[2]} << 8 | head[3];
  if (size == 0 || size > kMaxMessage) return false;
  message->resize(size);
  return ReadFully(fd, message->data(), size);
}

bool WriteMessage(int fd, absl::string_view message) {
  const auto size = static_cast<uint32_t>(message.size());
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(size >> shift));
  absl::StrAppend(&out, message);
  return WriteAll(fd, out, "a socket").ok();
}

// The address of a socket whose path may be longer than an address: by its directory's descriptor.
bool MakeAddress(const std::string& path, const UniqueFd& directory, sockaddr_un* address) {
  *address = {};
  address->sun_family = AF_UNIX;
  std::string name = path;
  if (name.size() >= sizeof(address->sun_path)) {
    name = absl::StrCat("/proc/self/fd/", directory.get(), "/", Basename(path));
  }
  if (name.size() >= sizeof(address->sun_path)) return false;
  std::memcpy(address->sun_path, name.data(), name.size());
  return true;
}

absl::StatusOr<UniqueFd> OpenSocket(const std::string& path, bool listening) {
  ASSIGN_OR_RETURN(const UniqueFd directory, OpenFile(std::string(Dirname(path)), O_PATH | O_DIRECTORY));
  sockaddr_un address;
  if (!MakeAddress(path, directory, &address)) return ErrnoStatus(ENAMETOOLONG, path);
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "cannot make a socket");
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  const bool ok = listening ? bind(fd.get(), where, sizeof(address)) == 0 && listen(fd.get(), 16) == 0
                            : connect(fd.get(), where, sizeof(address)) == 0;
  if (!ok) return ErrnoStatus(errno, absl::StrCat("cannot ", listening ? "listen on " : "connect to ", path));
  return fd;
}

// One client, to its end.
void Serve(int client, const std::string& agent_path) {
  absl::StatusOr<UniqueFd> agent = OpenSocket(agent_path, false);
  std::string message;
  while (ReadMessage(client, &message)) {
    if (!IsAllowedAgentRequest(message)) {
      message.assign(1, kFailure);
    } else if (!agent.ok() || !WriteMessage(agent->get(), message) || !ReadMessage(agent->get(), &message)) {
      return;
    }
    if (!WriteMessage(client, message)) return;
  }
}

// One process for each client: requests and answers take turns, so there is nothing to wait for but the next.
[[noreturn]] void Accept(int listener, const std::string& agent_path) {
  signal(SIGCHLD, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  const pid_t self = getpid();
  while (true) {
    const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0 && errno != EINTR && errno != ECONNABORTED) _exit(1);
    if (client < 0) continue;
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() == self) Serve(client, agent_path);
      _exit(0);
    }
    close(client);
  }
}

bool IsSocket(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 && S_ISSOCK(st.st_mode);
}

void End(pid_t pid) {
  if (pid <= 0) return;
  kill(pid, SIGKILL);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// ssh-agent in the foreground. It has made its socket when it can be connected to.
absl::StatusOr<pid_t> StartAgent(const std::string& socket) {
  const pid_t self = getpid();
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  UniqueFd said(out[0]), end(out[1]);
  const pid_t pid = fork();
  if (pid < 0) return ErrnoStatus(errno, "cannot fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != self) _exit(1);
    const int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(end.get(), STDOUT_FILENO);
    execlp("ssh-agent", "ssh-agent", "-D", "-a", socket.c_str(), nullptr);
    _exit(127);
  }
  end.reset();
  // It prints its address once it listens.
  char byte;
  const bool started = ReadFully(said.get(), &byte, 1);
  if (started && IsSocket(socket)) return pid;
  End(pid);
  return absl::NotFoundError("cannot start ssh-agent, which serves keys that lie in files (openssh-client)");
}

absl::Status AddKeys(const std::string& socket, const std::vector<std::string>& keys) {
  std::vector<ChildCommand> commands;
  for (const std::string& key : keys) {
    ChildCommand command;
    command.words = {"ssh-add", "-q", key};
    const char* path = std::getenv("PATH");
    // Nobody is asked for a passphrase: a build has nobody to ask.
    command.env = {absl::StrCat("SSH_AUTH_SOCK=", socket), "SSH_ASKPASS=/bin/false",
                   "SSH_ASKPASS_REQUIRE=force",
                   absl::StrCat("PATH=", path == nullptr ? "/usr/bin:/bin" : path)};
    commands.push_back(std::move(command));
  }
  const std::vector<ChildResult> results = RunChildren(commands);
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].exit_code == 0) continue;
    absl::string_view why = results[i].err;
    why = why.substr(0, why.find('\n'));
    return absl::InvalidArgumentError(absl::StrCat("cannot use the key ", keys[i], ": ", why));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsAllowedAgentRequest(absl::string_view request) {
  return !request.empty() && (request[0] == kListKeys || request[0] == kSign);
}

absl::StatusOr<std::unique_ptr<SshForward>> SshForward::Start(const SshSocket& socket,
                                                              const std::vector<std::string>& sources) {
  std::unique_ptr<SshForward> out(new SshForward());
  std::string agent = sources.empty() ? "" : sources[0];
  if (sources.empty()) {
    const char* set = std::getenv("SSH_AUTH_SOCK");
    if (set == nullptr || *set == '\0') {
      return absl::NotFoundError("there is no agent: SSH_AUTH_SOCK is not set in ninja's environment");
    }
    agent = set;
  }
  if (!sources.empty() && !IsSocket(sources[0])) {
    agent = socket.path + ".own";
    ASSIGN_OR_RETURN(out->agent_, StartAgent(agent));
    RETURN_IF_ERROR(AddKeys(agent, sources));
  }
  RETURN_IF_ERROR(OpenSocket(agent, false).status());  // said now, not by a git in the RUN
  ASSIGN_OR_RETURN(UniqueFd listener, OpenSocket(socket.path, true));
  if (chown(socket.path.c_str(), socket.uid, socket.gid) != 0 ||
      chmod(socket.path.c_str(), socket.mode) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot set the owner of ", socket.path));
  }
  const pid_t self = getpid();
  out->forwarder_ = fork();
  if (out->forwarder_ < 0) return ErrnoStatus(errno, "cannot fork");
  if (out->forwarder_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != self) _exit(1);
    Accept(listener.get(), agent);
  }
  return out;
}

SshForward::~SshForward() {
  End(forwarder_);
  End(agent_);
}

}  // namespace kasane
