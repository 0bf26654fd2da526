// An ssh agent, shown to a RUN as a socket of its own.
#ifndef KASANE_SRC_STEPS_RUN_SSH_H_
#define KASANE_SRC_STEPS_RUN_SSH_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

struct SshSocket {
  std::string path;
  uint32_t mode = 0600;
  uint32_t uid = 0;
  uint32_t gid = 0;
};

// A child process that passes requests on to an agent: those for the list of keys and for signatures. All
// others (adding and removing keys, locking, extensions) get the answer "failure", as under BuildKit. Ends
// with this object, and with this process.
class SshForward {
 public:
  // `sources`: the socket of an agent, or files with private keys (then an ssh-agent of our own serves them);
  // none: the agent of $SSH_AUTH_SOCK. Must be called while this process has one thread only.
  static absl::StatusOr<std::unique_ptr<SshForward>> Start(const SshSocket& socket,
                                                           const std::vector<std::string>& sources);
  ~SshForward();
  SshForward(const SshForward&) = delete;
  SshForward& operator=(const SshForward&) = delete;

 private:
  SshForward() = default;
  pid_t agent_ = 0;  // our own ssh-agent
  pid_t forwarder_ = 0;
};

// What the forwarder does with a request (its type byte and what follows). Source: RFC draft
// "SSH Agent Protocol" (draft-miller-ssh-agent), section 5.
bool IsAllowedAgentRequest(absl::string_view request);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_SSH_H_
