// The git program, and what can be asked of a repository without fetching it.
#ifndef KASANE_SRC_STEPS_GIT_PROGRAM_H_
#define KASANE_SRC_STEPS_GIT_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace kasane {

// Runs git with these words and returns its standard output. It heeds no configuration of user or machine,
// asks for no password, takes no repository of this machine for a submodule, and makes files with a umask of
// 022: what comes out depends on the repository alone. Of the environment it sees the proxies and what ssh
// needs, and `env` (git_auth.h). Failure: kUnavailable with git's words, one line; kFailedPrecondition if
// there is no git.
absl::StatusOr<std::string> RunGit(const std::vector<std::string>& words, const std::vector<std::string>& env,
                                   const std::string& directory = "");

struct GitCommit {
  std::string ref;     // what was asked for, or the default branch
  std::string object;  // what it names: a commit, or an annotated tag
  std::string commit;  // the commit
};
// What a branch, a tag or a full name means right now; "" is the default branch. Of a branch and a tag of one
// name the branch counts (git ls-remote; BuildKit's rule). kNotFound: there is none such.
absl::StatusOr<GitCommit> ResolveGitRef(const std::string& remote, const std::string& ref,
                                        const std::vector<std::string>& env);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_GIT_PROGRAM_H_
