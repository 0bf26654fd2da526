// A word that names a context, and the first bytes of one: whatever they are, reading them ends; a
// repository's parts are what git and file systems take, and what is shown of the word holds no password of
// it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "src/base/file.h"
#include "src/base/password.h"
#include "src/oci/archive_header.h"
#include "src/plan/git_remote.h"
#include "src/plan/remote_ref.h"

namespace {

using kasane::GitRef;
using kasane::RemoteKind;

void Check(bool holds) {
  if (!holds) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string word(reinterpret_cast<const char*>(data), size);
  kasane::IsArchiveHeader(word);
  kasane::FileNameOfUrl(word);
  kasane::WithoutPassword(word);
  GitRef git;
  std::string error, help;
  switch (kasane::ParseRemote(word, &git, &error)) {
    case RemoteKind::kNone:
      break;
    case RemoteKind::kFile:
      Check(absl::StartsWith(word, "http://") || absl::StartsWith(word, "https://"));
      break;
    case RemoteKind::kBad:
      Check(!error.empty());
      break;
    case RemoteKind::kGit: {
      Check(!git.remote.empty() && !absl::StartsWith(git.ref, "-"));
      Check(git.subdir.empty() || kasane::CleanPath("/" + git.subdir) == "/" + git.subdir);
      kasane::PlanRemote remote;
      if (!kasane::MakeGitRemote(git, &remote, &error, &help)) {
        Check(!error.empty());
        break;
      }
      const auto& spec = std::get<kasane::GitSpec>(remote.spec);
      Check(spec.commit.empty() || kasane::IsCommit(spec.commit));
      break;
    }
  }
  return 0;
}
