#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/registry/credentials.h"

namespace kasane {
namespace {

// How helpers say that they know nothing of a server (docker-credential-helpers' protocol): no failure.
constexpr absl::string_view kNotFoundText = "credentials not found";

struct Pipe {
  UniqueFd read, write;
};

absl::StatusOr<Pipe> MakePipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

}  // namespace

absl::StatusOr<std::string> RunCredentialHelper(const std::string& name, const std::string& server) {
  if (name.empty() || absl::StrContains(name, '/')) return absl::InvalidArgumentError("a bad name");
  std::string program = absl::StrCat("docker-credential-", name), verb = "get";
  ASSIGN_OR_RETURN(Pipe in, MakePipe());
  ASSIGN_OR_RETURN(Pipe out, MakePipe());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  char* argv[] = {program.data(), verb.data(), nullptr};
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, program.c_str(), &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) return absl::UnavailableError("it is not installed");
  if (error != 0) return ErrnoStatus(error, "cannot start it");

  in.read.reset();
  out.write.reset();
  // A name fits into the pipe's buffer, so this cannot block; a helper that does not read it must not kill
  // us.
  const auto old_handler = std::signal(SIGPIPE, SIG_IGN);
  (void)WriteAll(in.write.get(), server, "the helper");
  in.write.reset();
  std::signal(SIGPIPE, old_handler);
  auto text = ReadAllFrom(out.read.get(), "the helper");
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!text.ok()) return text.status();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  std::string line(absl::StripAsciiWhitespace(text->substr(0, text->find('\n'))));
  if (absl::StrContains(line, kNotFoundText)) return absl::NotFoundError(line);
  if (line.empty()) line = WIFEXITED(status) ? absl::StrCat("exit code ", WEXITSTATUS(status)) : "killed";
  return absl::UnavailableError(line.substr(0, 200));
}

}  // namespace kasane
