// What ADD's sources (and contexts) that lie on the network mean: repositories of git and files behind URLs.
#ifndef KASANE_SRC_PLAN_REMOTE_REF_H_
#define KASANE_SRC_PLAN_REMOTE_REF_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

// A git repository and what is wanted of it.
struct GitRef {
  std::string remote;    // for the git program: a URL, or "user@host:path"
  std::string ref;       // branch, tag, full name or commit; empty: the repository's default branch
  std::string checksum;  // the beginning of the commit's name
  std::string subdir;    // relative and clean; empty: all of it
  absl::optional<bool> keep_git_dir;
  absl::optional<bool> submodules;
  std::string mtime;             // "", "checkout" or "commit"
  bool fetch_by_commit = false;  // the commit is `checksum`, whatever `ref` is by now
  // "github.com/..." without a scheme: a repository only where no path can stand.
  bool like_a_path = false;
};

enum class RemoteKind { kNone, kGit, kFile, kBad };

// git://, ssh://, user@host:path, and http(s):// with a path that ends in ".git" are repositories; a fragment
// "#ref:subdir" or a query (ref, tag, branch, subdir, checksum or commit, keep-git-dir, submodules, mtime,
// fetch-by-commit) says more. Other http(s):// words are files. kBad: it is a repository, but the query is
// wrong, as `error` says. Rules and names are those of BuildKit's dfgitutil.
RemoteKind ParseRemote(absl::string_view word, GitRef* git, std::string* error);

// What the file behind a URL is called in a directory: the last component of its path, decoded; "__unnamed__"
// if it has none, "download" if it is no file name.
std::string FileNameOfUrl(absl::string_view url);

// 40 or 64 hexadecimal digits, lower case.
bool IsCommit(absl::string_view text);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_REMOTE_REF_H_
