#include "generator/ninja_run.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "generator/held_signals.h"
#include "src/base/child.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

// Begins the lines that are ninja's own. No text of a person's begins with it.
constexpr char kStatusMark[] = "\x1e";

// Reads what there is. False: the end.
bool ReadSome(int fd, std::string* text) {
  char buffer[65536];
  const ssize_t size = read(fd, buffer, sizeof(buffer));
  if (size < 0) return errno == EINTR || errno == EAGAIN;
  text->append(buffer, static_cast<size_t>(size));
  return size > 0;
}

void TakeNews(int fd, const std::function<void(const StepNews&)>& on_news) {
  char buffer[kLongestNews];
  ssize_t size;
  while ((size = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
    const absl::optional<StepNews> news = ParseStepNews({buffer, static_cast<size_t>(size)});
    if (news.has_value()) on_news(*news);
  }
}

}  // namespace

absl::StatusOr<NinjaEnd> RunNinja(const NinjaRequest& request) {
  int news[2], out[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, news) != 0) return ErrnoStatus(errno, "cannot make a socket");
  const UniqueFd listener(news[0]);
  UniqueFd speaker(news[1]);
  fcntl(news[0], F_SETFD, FD_CLOEXEC);
  if (pipe2(out, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  const UniqueFd output(out[0]);
  UniqueFd output_end(out[1]);
  HeldSignals signals;  // so that ninja may end the build and say how

  ChildCommand command;
  const char* ninja = std::getenv("NINJA");
  command.words = {ninja != nullptr && *ninja != '\0' ? ninja : "ninja"};
  command.words.insert(command.words.end(), request.words.begin(), request.words.end());
  command.env = EnvironmentWith(kProgressVariable, absl::StrCat(news[1]));
  command.env.erase(
      std::remove_if(command.env.begin(), command.env.end(),
                     [](const std::string& variable) { return absl::StartsWith(variable, "NINJA_STATUS="); }),
      command.env.end());
  command.env.push_back(absl::StrCat("NINJA_STATUS=", kStatusMark));
  std::string error;
  const pid_t pid = StartChild(command, {-1, out[1], out[1]}, &error);
  if (pid < 0) return absl::NotFoundError(error);
  const UniqueFd process = OpenProcess(pid);
  speaker.reset();
  output_end.reset();

  NinjaEnd end;
  bool more = true;
  for (bool ended = false; !ended;) {
    pollfd fds[4] = {{process.get(), POLLIN, 0},
                     {listener.get(), POLLIN, 0},
                     {more ? output.get() : -1, POLLIN, 0},
                     {signals.fd(), POLLIN, 0}};
    if (poll(fds, 4, request.on_tick ? request.tick : -1) < 0 && errno != EINTR) break;
    ended = fds[0].revents != 0;
    if ((fds[1].revents & POLLIN) != 0 || ended) TakeNews(listener.get(), request.on_news);
    if (fds[2].revents != 0) more = ReadSome(output.get(), &end.output);
    if (const int signal = fds[3].revents != 0 ? signals.Take() : 0; signal != 0) {
      end.signal = signal;
      kill(pid, signal);
    }
    if (request.on_tick) request.on_tick();
  }
  // What is still on its way. A process that a step has left behind may keep the pipe open.
  fcntl(output.get(), F_SETFL, O_NONBLOCK);
  for (size_t before = end.output.size() + 1; before != end.output.size();) {
    before = end.output.size();
    if (!ReadSome(output.get(), &end.output)) break;
  }
  end.exit_code = WaitForChild(pid);
  return end;
}

std::string WhatWentWrong(absl::string_view output) {
  std::string text;
  bool command = false;  // the next line is one
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    const bool is_command = command;
    command = absl::StartsWith(line, "FAILED: ");
    if (is_command || command || line.empty() || absl::StartsWith(line, kStatusMark)) continue;
    if (absl::StartsWith(line, "ninja: build stopped") || absl::StartsWith(line, "ninja: Entering")) continue;
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace kasane
