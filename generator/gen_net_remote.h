// `gen-net probe`, `get` and `commit`: what a remote source of ADD, or a remote context, is right now.
#ifndef KASANE_GENERATOR_GEN_NET_REMOTE_H_
#define KASANE_GENERATOR_GEN_NET_REMOTE_H_

#include <string>
#include <vector>

namespace kasane {

// They print one line of JSON; or "gen-net: <message>" on standard error and return 1.

// URL ETAG SECRETS (build_secrets.h; HTTP_AUTH_* of them are used): {"same":true}, or false.
int RunProbeCommand(const std::vector<std::string>& args);
// URL ETAG SECRETS: {"same":true}; or, with the content in the store,
// {"same":false,"content":"sha256:...","etag":"..."} and "modified", seconds since 1970, if the server says
// it.
int RunGetCommand(const std::vector<std::string>& args);
// REMOTE REF (which may be empty) SECRETS (GIT_AUTH_*): {"ref":"main","object":"...","commit":"..."}; see
// GitCommit.
int RunCommitCommand(const std::vector<std::string>& args);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GEN_NET_REMOTE_H_
