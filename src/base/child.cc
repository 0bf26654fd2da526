#include "src/base/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

struct Stream {
  UniqueFd fd;
  std::string* text;
};

std::vector<char*> Pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

// In the child, between fork and exec: nothing here may allocate. Returns only if it failed: errno.
int Become(const ChildCommand& command, char** argv, char** env, const ChildStreams& streams, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  const int in = streams.in >= 0 ? streams.in : open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (in < 0 || dup2(in, STDIN_FILENO) < 0) return errno;
  if (streams.out >= 0 && dup2(streams.out, STDOUT_FILENO) < 0) return errno;
  if (streams.err >= 0 && dup2(streams.err, STDERR_FILENO) < 0) return errno;
  std::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (!command.directory.empty() && chdir(command.directory.c_str()) != 0) return errno;
  if (command.umask >= 0) umask(static_cast<mode_t>(command.umask));
  execvpe(argv[0], argv, env);
  return errno;
}

void Drain(std::vector<Stream>* streams) {
  while (!streams->empty()) {
    std::vector<pollfd> polls;
    for (const Stream& stream : *streams) polls.push_back({stream.fd.get(), POLLIN, 0});
    if (poll(polls.data(), polls.size(), -1) < 0 && errno != EINTR) return;
    for (size_t i = polls.size(); i-- > 0;) {
      if (polls[i].revents == 0) continue;
      char buffer[65536];
      const ssize_t size = read(polls[i].fd, buffer, sizeof(buffer));
      if (size > 0) {
        (*streams)[i].text->append(buffer, static_cast<size_t>(size));
      } else if (size == 0 || errno != EINTR) {
        streams->erase(streams->begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }
}

}  // namespace

pid_t StartChild(const ChildCommand& command, const ChildStreams& streams, std::string* error) {
  const std::vector<char*> argv = Pointers(command.words), env = Pointers(command.env);
  char** environment = command.env.empty() ? environ : const_cast<char**>(env.data());
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0) {
    *error = absl::StrCat("cannot make a pipe: ", std::strerror(errno));
    return -1;
  }
  const UniqueFd read_end(failure[0]);
  UniqueFd write_end(failure[1]);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    const int reason = Become(command, const_cast<char**>(argv.data()), environment, streams, parent);
    (void)!write(failure[1], &reason, sizeof(reason));
    _exit(127);
  }
  int reason = errno;
  if (pid > 0) {
    write_end.reset();
    ssize_t got;
    do {
      got = read(read_end.get(), &reason, sizeof(reason));
    } while (got < 0 && errno == EINTR);
    if (got != sizeof(reason)) return pid;  // closed by exec
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  *error = absl::StrCat("cannot run ", command.words[0], ": ", std::strerror(reason));
  return -1;
}

std::vector<std::string> EnvironmentWith(const std::string& name, const std::string& value) {
  std::vector<std::string> all = {absl::StrCat(name, "=", value)};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!absl::StartsWith(*variable, absl::StrCat(name, "="))) all.emplace_back(*variable);
  }
  return all;
}

UniqueFd OpenProcess(pid_t pid) { return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))); }

int WaitForChild(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::vector<ChildResult> RunChildren(const std::vector<ChildCommand>& commands) {
  std::vector<ChildResult> results(commands.size());
  std::vector<pid_t> pids(commands.size(), -1);
  std::vector<Stream> streams;
  for (size_t i = 0; i < commands.size(); ++i) {
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) != 0) {
      results[i].err = absl::StrCat("cannot make a pipe: ", std::strerror(errno));
      continue;
    }
    const UniqueFd out_write(out[1]);
    streams.push_back({UniqueFd(out[0]), &results[i].out});
    if (pipe2(err, O_CLOEXEC) != 0) {
      results[i].err = absl::StrCat("cannot make a pipe: ", std::strerror(errno));
      continue;
    }
    const UniqueFd err_write(err[1]);
    streams.push_back({UniqueFd(err[0]), &results[i].err});
    pids[i] = StartChild(commands[i], {-1, out[1], err[1]}, &results[i].err);
  }
  Drain(&streams);
  for (size_t i = 0; i < commands.size(); ++i) {
    if (pids[i] >= 0) results[i].exit_code = WaitForChild(pids[i]);
  }
  return results;
}

}  // namespace kasane
