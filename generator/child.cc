#include "generator/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

struct Stream {
  UniqueFd fd;
  std::string* text;
};

// -1, with the reason in `error`, if it could not be started.
pid_t Spawn(const std::vector<std::string>& command, int out, int err, std::string* error) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  pid_t pid = -1;
  int failure = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure == 0) return pid;
  *error = absl::StrCat("cannot run ", command[0], ": ", std::strerror(failure));
  return -1;
}

void Drain(std::vector<Stream>* streams) {
  while (!streams->empty()) {
    std::vector<pollfd> polls;
    for (const Stream& stream : *streams) polls.push_back({stream.fd.get(), POLLIN, 0});
    if (poll(polls.data(), polls.size(), -1) < 0 && errno != EINTR) return;
    for (size_t i = polls.size(); i-- > 0;) {
      if (polls[i].revents == 0) continue;
      char buffer[65536];
      ssize_t size = read(polls[i].fd, buffer, sizeof(buffer));
      if (size > 0) {
        (*streams)[i].text->append(buffer, static_cast<size_t>(size));
      } else if (size == 0 || errno != EINTR) {
        streams->erase(streams->begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }
}

}  // namespace

std::vector<ChildResult> RunChildren(const std::vector<std::vector<std::string>>& commands) {
  std::vector<ChildResult> results(commands.size());
  std::vector<pid_t> pids(commands.size(), -1);
  std::vector<Stream> streams;
  for (size_t i = 0; i < commands.size(); ++i) {
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
      results[i].err = absl::StrCat("cannot make a pipe: ", std::strerror(errno));
      continue;
    }
    UniqueFd out_write(out[1]), err_write(err[1]);
    streams.push_back({UniqueFd(out[0]), &results[i].out});
    streams.push_back({UniqueFd(err[0]), &results[i].err});
    pids[i] = Spawn(commands[i], out[1], err[1], &results[i].err);
  }
  Drain(&streams);
  for (size_t i = 0; i < commands.size(); ++i) {
    int status = 0;
    if (pids[i] < 0) continue;
    while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR) {
    }
    results[i].exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  return results;
}

}  // namespace kasane
