#include "generator/watched_container.h"

#include <unistd.h>

#include <csignal>
#include <memory>
#include <utility>

#include "src/base/child.h"
#include "src/containers/container.h"
#include "src/containers/stop_container.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr int kPatience = 2;  // seconds: somebody waits for the next one

}  // namespace

absl::Status WatchedContainer::Start() {
  ChildCommand command;
  command.words = {gen_, "run", "--rm"};
  command.words.insert(command.words.end(), words_.begin(), words_.end());
  std::string error;
  pid_ = StartChild(command, {STDIN_FILENO, -1, -1}, &error);
  if (pid_ < 0) return absl::NotFoundError(error);
  process_ = OpenProcess(pid_);
  return absl::OkStatus();
}

void WatchedContainer::Stop() {
  if (pid_ < 0) return;
  bool asked = false;
  if (const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(store_); store.ok()) {
    for (const Container& container : ListContainers(**store)) {
      if (container.supervisor.pid != pid_ || !container.runs()) continue;
      asked = StopContainer(container, kPatience).ok();
    }
  }
  if (!asked) kill(pid_, SIGTERM);  // it has not come so far
  Wait();
}

int WatchedContainer::Wait() {
  process_.reset();
  return WaitForChild(std::exchange(pid_, -1));
}

}  // namespace kasane
