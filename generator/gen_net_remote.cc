#include "generator/gen_net_remote.h"

#include <cstdio>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/registry/download.h"
#include "src/registry/http.h"
#include "src/steps/git_auth.h"
#include "src/steps/git_program.h"
#include "src/steps/http_auth.h"
#include "src/store/store.h"

namespace kasane {
namespace {

// For the URL, the first word; the third says where secrets are, as secrets.json does.
absl::StatusOr<std::string> Authorization(const std::vector<std::string>& args) {
  ASSIGN_OR_RETURN(const BuildSecrets secrets, DecodeBuildSecrets(args[2]));
  return HttpAuthorization(secrets, args[0]);
}

absl::StatusOr<Json> Probe(const std::vector<std::string>& args) {
  if (args.size() != 3) return absl::InvalidArgumentError("probe needs a URL, an ETag and secrets");
  ASSIGN_OR_RETURN(const std::string authorization, Authorization(args));
  HttpClient http;
  ASSIGN_OR_RETURN(const RemoteFile file, ProbeFile(&http, args[0], args[1], authorization));
  return Json{{"same", file.same}};
}

absl::StatusOr<Json> Get(const std::vector<std::string>& args) {
  if (args.size() != 3) return absl::InvalidArgumentError("get needs a URL, an ETag and secrets");
  ASSIGN_OR_RETURN(const std::string authorization, Authorization(args));
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(Store::DefaultPath()));
  HttpClient http;
  ASSIGN_OR_RETURN(const RemoteFile file, DownloadFile(&http, store.get(), args[0], args[1], authorization));
  if (file.same) return Json{{"same", true}};
  Json json = {{"same", false}, {"content", file.content.ToString()}, {"etag", file.etag}};
  if (!file.modified.empty()) json["modified"] = ParseHttpDate(file.modified);
  return json;
}

absl::StatusOr<Json> Commit(const std::vector<std::string>& args) {
  if (args.size() != 3) return absl::InvalidArgumentError("commit needs a repository, a ref and secrets");
  ASSIGN_OR_RETURN(const BuildSecrets secrets, DecodeBuildSecrets(args[2]));
  ASSIGN_OR_RETURN(const std::vector<std::string> env, GitAuthorization(secrets, args[0]));
  ASSIGN_OR_RETURN(const GitCommit commit, ResolveGitRef(args[0], args[1], env));
  return Json{{"ref", commit.ref}, {"object", commit.object}, {"commit", commit.commit}};
}

int Print(const absl::StatusOr<Json>& answer) {
  if (!answer.ok()) {
    const std::string message(answer.status().message());
    std::fprintf(stderr, "gen-net: %s\n", message.c_str());
    return 1;
  }
  const std::string text = absl::StrCat(DumpJson(*answer), "\n");
  return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int RunProbeCommand(const std::vector<std::string>& args) { return Print(Probe(args)); }
int RunGetCommand(const std::vector<std::string>& args) { return Print(Get(args)); }
int RunCommitCommand(const std::vector<std::string>& args) { return Print(Commit(args)); }

}  // namespace kasane
