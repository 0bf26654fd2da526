// From what a word says of a git repository to the edge that fetches it.
#ifndef KASANE_SRC_PLAN_GIT_REMOTE_H_
#define KASANE_SRC_PLAN_GIT_REMOTE_H_

#include <string>

#include "src/plan/plan.h"
#include "src/plan/remote_ref.h"

namespace kasane {

// `git.checksum` and `git.keep_git_dir` may have been brought together with flags. The commit stays open if
// only the repository can tell it. False: `error` and `help` say what is wrong.
bool MakeGitRemote(const GitRef& git, PlanRemote* remote, std::string* error, std::string* help);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_GIT_REMOTE_H_
