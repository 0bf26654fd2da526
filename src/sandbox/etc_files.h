// /etc/hosts and /etc/resolv.conf of a RUN.
#ifndef KASANE_SRC_SANDBOX_ETC_FILES_H_
#define KASANE_SRC_SANDBOX_ETC_FILES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/sandbox/launch_plan.h"

namespace kasane {

// As BuildKit writes it. `add_hosts`: (name, address).
std::string MakeHosts(absl::string_view hostname,
                      const std::vector<std::pair<std::string, std::string>>& add_hosts);

// From the host's, as BuildKit writes it: comments are left out; unless the network is the host's, so are
// name servers on loopback addresses. If none is left, an isolated network gets slirp4netns's forwarder, else
// Google's servers.
std::string MakeResolvConf(absl::string_view host_file, Network network);

// The host's file: /etc/resolv.conf, or systemd-resolved's own list where that file names only its stub and
// the network is not the host's. Empty if there is none.
std::string ReadHostResolvConf(Network network);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_ETC_FILES_H_
