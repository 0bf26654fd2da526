// Keeps a RUN from the machine's devices. A RUN as root may make device nodes, and a base image may bring
// some: making them is allowed, opening those of the host's disks and memory is not.
#ifndef KASANE_SRC_SANDBOX_DEVICE_GUARD_H_
#define KASANE_SRC_SANDBOX_DEVICE_GUARD_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "src/base/file.h"
#include "src/sandbox/launch_plan.h"

namespace kasane {

// A control group (version 2) of its own with a device program on it. The rules are those that runc applies
// for BuildKit: mknod of anything; reading and writing of null, zero, full, random, urandom, tty, ptmx and
// terminals and of the RUN's `devices` only.
class DeviceGuard {
 public:
  // Makes it below the group that this process is in. `mount_point`: an empty directory; the hierarchy is
  // mounted there if it is nowhere writable and the kernel lets us, in the caller's mount namespace. Groups
  // that killed builds have left are removed. Fails where there is no right to do so; then nothing is left
  // behind.
  static absl::StatusOr<DeviceGuard> Make(const std::string& mount_point,
                                          const std::vector<DeviceNode>& devices);
  DeviceGuard() = default;
  DeviceGuard(DeviceGuard&& other) noexcept
      : path_(std::exchange(other.path_, "")), fd_(std::move(other.fd_)) {}
  DeviceGuard& operator=(DeviceGuard&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~DeviceGuard();  // removes the group; no process may be in it any more

  int fd() const { return fd_.get(); }  // for CloneProcess; -1: none

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_DEVICE_GUARD_H_
