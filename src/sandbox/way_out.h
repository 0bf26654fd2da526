// The isolated network: a namespace of its own, with a way out through slirp4netns.
#ifndef KASANE_SRC_SANDBOX_WAY_OUT_H_
#define KASANE_SRC_SANDBOX_WAY_OUT_H_

#include <sys/types.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/base/file.h"
#include "src/sandbox/launch_plan.h"

namespace kasane {

class WayOut {
 public:
  WayOut() = default;  // none
  // Makes the namespace and starts slirp4netns (a path) for it, without waiting: it takes some 10 ms, in
  // which the sandbox can be made. This process must have one thread only, and is back in its own namespace
  // afterwards.
  // slirp4netns ends with the object. `directory`: where it can put a socket, if something is to be
  // published; "" if not.
  static absl::StatusOr<WayOut> Start(const std::string& slirp, const std::string& directory);

  // Once it is ready: connections to that port of this machine go to the namespace. The message is for
  // people.
  absl::Status Publish(const PortForward& port) const;

  // The namespace, for setns(2); -1 if there is none.
  int network() const { return network_.get(); }
  // Readable once the way out is open, or will never be. -1 once reset, or if there is none.
  int ready() const { return ready_.get(); }
  void ResetReady() { ready_.reset(); }
  // Does not wait: closing its device takes slirp4netns some 10 ms.
  void Kill() const;

 private:
  struct Process {
    Process() = default;
    Process(Process&& other) noexcept : pid(std::exchange(other.pid, 0)) {}
    Process& operator=(Process&& other) noexcept {
      std::swap(pid, other.pid);
      return *this;
    }
    ~Process();  // kills it and waits for it
    pid_t pid = 0;
  };
  UniqueFd network_, ready_;
  UniqueFd directory_;  // of the socket
  UniqueFd exit_;       // slirp4netns ends when this is closed
  Process process_;
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_WAY_OUT_H_
