// `gen-net probe` and `gen-net commit`: what a remote source of ADD is right now.
#ifndef KASANE_GENERATOR_GEN_NET_REMOTE_H_
#define KASANE_GENERATOR_GEN_NET_REMOTE_H_

#include <string>
#include <vector>

namespace kasane {

// Both print one line of JSON; or "gen-net: <message>" on standard error and return 1.

// URL ETAG: {"same":true}, or false.
int RunProbeCommand(const std::vector<std::string>& args);
// REMOTE REF (which may be empty): {"ref":"main","object":"...","commit":"..."}; see GitCommit.
int RunCommitCommand(const std::vector<std::string>& args);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GEN_NET_REMOTE_H_
