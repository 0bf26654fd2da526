#include "src/plan/git_remote.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kasane {

bool MakeGitRemote(const GitRef& git, PlanRemote* remote, std::string* error, std::string* help) {
  const std::string& checksum = git.checksum;
  if (checksum.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    *error = absl::StrCat("invalid checksum \"", checksum, "\"");
    *help = "of a repository it is a commit in hexadecimal digits, or its beginning";
    return false;
  }
  GitSpec repository;
  repository.remote = git.remote;
  repository.ref = git.ref;
  repository.subdir = git.subdir;
  repository.keep_git_dir = git.keep_git_dir.value_or(false);
  repository.skip_submodules = !git.submodules.value_or(true);
  if (IsCommit(git.ref)) {
    if (!absl::StartsWith(git.ref, checksum)) {
      *error = absl::StrCat("the commit ", git.ref, " does not begin with the checksum ", checksum);
      return false;
    }
    repository.commit = git.ref;
  } else if (git.fetch_by_commit) {
    if (!IsCommit(checksum)) {
      *error = "fetch-by-commit needs a whole commit as its checksum";
      return false;
    }
    repository.commit = checksum;
  }
  remote->spec = std::move(repository);
  remote->checksum = checksum;
  return true;
}

}  // namespace kasane
