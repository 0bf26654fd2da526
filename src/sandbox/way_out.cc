#include "src/sandbox/way_out.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/sandbox/process.h"
#include "src/sandbox/user_namespace.h"

namespace kasane {
namespace {

constexpr char kTap[] = "tap0";

// A tap device in the present namespace, for slirp4netns to take. It stays when slirp4netns ends and goes,
// later and without anybody waiting, with the namespace: removing a device takes 40 ms.
absl::Status MakeTap() {
  ASSIGN_OR_RETURN(UniqueFd tun, OpenFile("/dev/net/tun", O_RDWR));
  ifreq request = {};
  std::strcpy(request.ifr_name, kTap);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (ioctl(tun.get(), TUNSETIFF, &request) != 0 || ioctl(tun.get(), TUNSETPERSIST, 1) != 0) {
    return ErrnoStatus(errno, "cannot make a tap device");
  }
  return absl::OkStatus();
}

// The same from within a user namespace, which does not let us back into the network namespace of before:
// another process goes.
absl::StatusOr<UniqueFd> MakeNetworkElsewhere() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  UniqueFd done(fds[0]), done_end(fds[1]);
  const pid_t self = getpid();
  const pid_t child = fork();
  if (child < 0) return ErrnoStatus(errno, "cannot fork");
  if (child == 0) {
    DieWithParent(self);
    std::string message;
    if (unshare(CLONE_NEWNET) != 0) {
      message = "cannot make a network namespace";
    } else {
      message = std::string(MakeTap().message());
    }
    message.insert(0, 1, message.empty() ? '1' : '0');
    if (write(done_end.get(), message.data(), message.size()) < 0) _exit(1);
    pause();
    _exit(0);
  }
  char answer[256];
  const ssize_t size = read(done.get(), answer, sizeof(answer));
  absl::StatusOr<UniqueFd> made =
      absl::InternalError(absl::string_view(answer + 1, size > 1 ? static_cast<size_t>(size - 1) : 0));
  if (size > 0 && answer[0] == '1') made = OpenFile(absl::StrCat("/proc/", child, "/ns/net"), O_RDONLY);
  kill(child, SIGKILL);
  WaitForEnd(child);
  return made;
}

// A new namespace with a tap device in it.
absl::StatusOr<UniqueFd> MakeNetwork() {
  if (!InInitialUserNamespace()) return MakeNetworkElsewhere();
  ASSIGN_OR_RETURN(UniqueFd own, OpenFile("/proc/self/ns/net", O_RDONLY));
  if (unshare(CLONE_NEWNET) != 0) return ErrnoStatus(errno, "cannot make a network namespace");
  absl::StatusOr<UniqueFd> made = OpenFile("/proc/self/ns/net", O_RDONLY);
  absl::Status status = made.ok() ? MakeTap() : made.status();
  if (setns(own.get(), CLONE_NEWNET) != 0) return ErrnoStatus(errno, "cannot leave the network namespace");
  RETURN_IF_ERROR(status);
  return made;
}

constexpr char kApiSocket[] = "slirp4netns";

// Never returns. The descriptors become 3, 4 and 5. `directory`: of the socket; -1: none.
[[noreturn]] void BecomeSlirp(const std::string& slirp, int exit_fd, int ready, int network, int directory) {
  int fds[] = {fcntl(exit_fd, F_DUPFD, 10), fcntl(ready, F_DUPFD, 10), fcntl(network, F_DUPFD, 10)};
  if (directory >= 0 && fchdir(directory) != 0) _exit(127);
  for (int i = 0; i < 3; ++i) dup2(fds[i], 3 + i);
  CloseFrom(6);
  std::vector<const char*> words = {
      "slirp4netns", "--configure",  "--mtu=65520",      "--disable-host-loopback",
      "--exit-fd=3", "--ready-fd=4", "--netns-type=path"};
  // A relative path: that of a socket may have 107 bytes only.
  if (directory >= 0) words.insert(words.end(), {"--api-socket", kApiSocket});
  words.insert(words.end(), {"/proc/self/fd/5", kTap, nullptr});
  execv(slirp.c_str(), const_cast<char**>(words.data()));
  _exit(127);
}

// Sends one request to slirp4netns's socket; its answer (slirp4netns(1), "API SOCKET").
absl::StatusOr<std::string> Ask(int directory, const std::string& request) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string path = absl::StrCat("/proc/self/fd/", directory, "/", kApiSocket);
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  if (!fd.valid() || connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
    return ErrnoStatus(errno, "cannot reach slirp4netns");
  RETURN_IF_ERROR(WriteAll(fd.get(), request, "slirp4netns"));
  shutdown(fd.get(), SHUT_WR);
  return ReadAllFrom(fd.get(), "slirp4netns");
}

}  // namespace

absl::StatusOr<WayOut> WayOut::Start(const std::string& slirp, const std::string& directory) {
  WayOut way;
  if (!directory.empty()) {
    ASSIGN_OR_RETURN(way.directory_, OpenFile(directory, O_PATH | O_DIRECTORY));
  }
  ASSIGN_OR_RETURN(way.network_, MakeNetwork());
  int ready[2], exit_fds[2];
  if (pipe2(ready, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  way.ready_.reset(ready[0]);
  UniqueFd ready_end(ready[1]);
  if (pipe2(exit_fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  UniqueFd exit_end(exit_fds[0]);
  way.exit_.reset(exit_fds[1]);
  pid_t self = getpid();
  way.process_.pid = fork();
  if (way.process_.pid < 0) return ErrnoStatus(errno, "cannot fork");
  if (way.process_.pid == 0) {
    DieWithParent(self);
    BecomeSlirp(slirp, exit_end.get(), ready_end.get(), way.network_.get(), way.directory_.get());
  }
  return way;
}

absl::Status WayOut::Publish(const PortForward& port) const {
  Json request = Json::object();
  request["execute"] = "add_hostfwd";
  Json& arguments = request["arguments"];
  arguments["proto"] = port.udp ? "udp" : "tcp";
  arguments["host_addr"] = port.address;
  arguments["host_port"] = port.host_port;
  arguments["guest_port"] = port.port;
  const std::string what = absl::StrCat("cannot publish port ", port.host_port, " of ", port.address);
  const absl::StatusOr<std::string> answer = Ask(directory_.get(), DumpJson(request));
  if (!answer.ok()) return absl::UnavailableError(absl::StrCat(what, ": ", answer.status().message()));
  const absl::StatusOr<Json> json = ParseJson(*answer, "slirp4netns's answer");
  if (json.ok() && !JsonMember(*json, "return").is_null()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(what, ": is it in use?"));
}

void WayOut::Kill() const {
  if (process_.pid > 0) kill(process_.pid, SIGKILL);
}

WayOut::Process::~Process() {
  if (pid <= 0) return;
  kill(pid, SIGKILL);
  WaitForEnd(pid);
}

}  // namespace kasane
