#include "src/steps/git_program.h"

#include <cstdlib>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/child.h"
#include "src/base/password.h"
#include "src/base/status.h"

namespace kasane {
namespace {

std::vector<std::string> Environment() {
  std::vector<std::string> env = {
      "GIT_TERMINAL_PROMPT=0", "GIT_SSH_COMMAND=ssh -o BatchMode=yes", "LC_ALL=C",
      "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",          "HOME=/dev/null"};
  for (const char* name : {"PATH", "SSH_AUTH_SOCK", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
                           "http_proxy", "https_proxy", "no_proxy", "all_proxy", "SSL_CERT_FILE"}) {
    if (const char* value = std::getenv(name); value != nullptr)
      env.push_back(absl::StrCat(name, "=", value));
  }
  // Git's own library asks for certificates by another name.
  if (const char* file = std::getenv("SSL_CERT_FILE"); file != nullptr) {
    env.push_back(absl::StrCat("GIT_SSL_CAINFO=", file));
  }
  return env;
}

// The last line that says what is wrong; in our words where git speaks of a terminal.
std::string Reason(absl::string_view err) {
  if (absl::StrContains(err, "terminal prompts disabled") ||
      absl::StrContains(err, "Authentication failed for")) {
    return "the repository is not for everybody: the secret GIT_AUTH_TOKEN or GIT_AUTH_HEADER opens it "
           "(--secret id=GIT_AUTH_TOKEN,env=NAME)";
  }
  std::string reason;
  for (absl::string_view line : absl::StrSplit(err, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || absl::StartsWith(line, "hint:") || absl::StartsWith(line, "warning:")) continue;
    if (absl::StartsWith(line, "fatal: ") || absl::StartsWith(line, "error: ") || reason.empty())
      reason = std::string(line);
  }
  return WithoutPassword(absl::StripPrefix(absl::StripPrefix(reason, "fatal: "), "error: "));
}

}  // namespace

absl::StatusOr<std::string> RunGit(const std::vector<std::string>& words, const std::vector<std::string>& env,
                                   const std::string& directory) {
  ChildCommand command;
  command.words = {"git", "-c", "protocol.file.allow=user", "-c", "advice.detachedHead=false"};
  command.words.insert(command.words.end(), words.begin(), words.end());
  command.env = Environment();
  command.env.insert(command.env.end(), env.begin(), env.end());
  command.directory = directory;
  command.umask = 022;
  ChildResult result = RunChildren({command})[0];
  if (result.exit_code == 0) return std::move(result.out);
  if (result.exit_code < 0)
    return absl::FailedPreconditionError(absl::StrCat(result.err, " (is git installed?)"));
  const std::string reason = Reason(result.err);
  return absl::UnavailableError(reason.empty() ? absl::StrCat("git failed with exit code ", result.exit_code)
                                               : reason);
}

absl::StatusOr<GitCommit> ResolveGitRef(const std::string& remote, const std::string& wanted,
                                        const std::vector<std::string>& env) {
  GitCommit out;
  out.ref = wanted;
  if (wanted.empty()) {
    ASSIGN_OR_RETURN(const std::string head, RunGit({"ls-remote", "--symref", "--", remote, "HEAD"}, env));
    constexpr absl::string_view kPrefix = "ref: refs/heads/";
    const size_t at = head.find("ref: refs/heads/");
    if (at == std::string::npos)
      return absl::NotFoundError(absl::StrCat(WithoutPassword(remote), " has no default branch"));
    const size_t begin = at + kPrefix.size();
    out.ref = head.substr(begin, head.find_first_of(" \t\n", begin) - begin);
    if (out.ref.empty() || out.ref[0] == '-')
      return absl::NotFoundError("the default branch has an impossible name");
  }
  const std::string& ref = out.ref;
  ASSIGN_OR_RETURN(const std::string text,
                   RunGit({"ls-remote", "--", remote, ref, absl::StrCat(ref, "^{}")}, env));
  std::map<std::string, std::string> refs;  // name -> object
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits('\t', 1));
    if (fields.size() == 2) refs[fields[1]] = fields[0];
  }
  const std::string tag = absl::StrCat("refs/tags/", absl::StripPrefix(ref, "refs/tags/"));
  for (const std::string& name : {absl::StrCat("refs/", absl::StripPrefix(ref, "refs/")),
                                  absl::StrCat("refs/heads/", absl::StripPrefix(ref, "refs/heads/"))}) {
    const auto found = refs.find(name);
    if (found == refs.end()) continue;
    out.object = out.commit = found->second;
    if (name == tag && refs.count(absl::StrCat(tag, "^{}")) > 0) out.commit = refs[absl::StrCat(tag, "^{}")];
    return out;
  }
  const auto found = refs.find(tag);
  if (found == refs.end()) {
    return absl::NotFoundError(absl::StrCat(WithoutPassword(remote), " has no branch or tag \"", ref, "\""));
  }
  out.object = out.commit = found->second;
  const auto peeled = refs.find(absl::StrCat(tag, "^{}"));
  if (peeled != refs.end()) out.commit = peeled->second;
  return out;
}

}  // namespace kasane
