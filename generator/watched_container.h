// The container of `gen watch --run`: a `gen run` that is started again and again.
#ifndef KASANE_GENERATOR_WATCHED_CONTAINER_H_
#define KASANE_GENERATOR_WATCHED_CONTAINER_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "src/base/file.h"

namespace kasane {

class WatchedContainer {
 public:
  // `words`: behind "gen run --rm".
  WatchedContainer(std::string gen, std::string store, std::vector<std::string> words)
      : gen_(std::move(gen)), store_(std::move(store)), words_(std::move(words)) {}
  ~WatchedContainer() { Stop(); }
  WatchedContainer(const WatchedContainer&) = delete;
  WatchedContainer& operator=(const WatchedContainer&) = delete;

  // It has our standard streams.
  absl::Status Start();
  // By the image's signal, and in the end by SIGKILL. Does nothing if it does not run.
  void Stop();
  int fd() const { return process_.get(); }  // readable once it has ended; -1: it does not run
  int Wait();                                // its exit code, when it has ended

 private:
  const std::string gen_, store_;
  const std::vector<std::string> words_;
  pid_t pid_ = -1;
  UniqueFd process_;
};

}  // namespace kasane

#endif  // KASANE_GENERATOR_WATCHED_CONTAINER_H_
