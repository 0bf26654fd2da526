#include "generator/remotes.h"

#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "generator/graph.h"
#include "generator/resolver.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/contract/http_state.h"
#include "src/contract/spec.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;

std::string Key(const GitSpec& spec) { return absl::StrCat(spec.remote, " ", spec.ref); }

std::string NewSalt() { return absl::StrCat(absl::Hex(absl::GetCurrentTimeNanos())); }

}  // namespace

void RemoteResolver::Load(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return;
  const absl::StatusOr<Json> json = ParseJson(*text, path);
  if (!json.ok() || JsonInt(*json, "version") != kVersion) return;
  const Json& repositories = JsonMember(*json, "repositories");
  for (auto it = repositories.begin(); it != repositories.end(); ++it) {
    known_[it.key()] = {JsonString(*it, "ref"), JsonString(*it, "object"), JsonString(*it, "commit")};
  }
  const Json& times = JsonMember(*json, "times");
  for (auto it = times.begin(); times.is_object() && it != times.end(); ++it) {
    known_times_[it.key()] = JsonInt(times, it.key());
  }
}

bool RemoteResolver::Resolve(const std::string& state, Plan* plan, Diagnostic* error) {
  std::vector<Question> questions;
  for (PlanStage& stage : plan->stages) {
    for (PlanStep& step : stage.steps) {
      for (PlanRemote& remote : step.remotes) Prepare(state, &remote, &questions);
    }
  }
  return Ask(questions, error);
}

bool RemoteResolver::ResolveOne(PlanRemote* remote, Diagnostic* error) {
  std::vector<Question> questions;
  Prepare("", remote, &questions);
  return Ask(questions, error);
}

bool RemoteResolver::Ask(const std::vector<Question>& questions, Diagnostic* error) {
  std::vector<ChildCommand> commands;
  for (const Question& question : questions) commands.push_back(question.command);
  const std::vector<ChildResult> results = RunChildren(commands);
  for (size_t i = 0; i < questions.size(); ++i) {
    if (!Answer(questions[i], results[i], error)) return false;
  }
  return true;
}

void RemoteResolver::Prepare(const std::string& state, PlanRemote* remote, std::vector<Question>* questions) {
  Question question;
  question.remote = remote;
  if (const auto* git = std::get_if<GitSpec>(&remote->spec)) {
    if (!git->commit.empty()) return;
    question.key = Key(*git);
    const auto known = known_.find(question.key);
    Diagnostic ignored;
    if (!ask_ && known != known_.end() && Complete(known->second, remote, &ignored)) {
      used_[question.key] = known->second;
      return;
    }
    question.command.words = {gen_net_, "commit", git->remote, git->ref, secrets_};
  } else {
    const HttpSpec& http = std::get<HttpSpec>(remote->spec);
    if (!http.checksum.empty()) return;
    const std::string record = JoinPath(state, RemoteRecord(remote->spec));
    const absl::StatusOr<std::string> text = ReadFile(HttpStatePath(record));
    const absl::StatusOr<HttpState> seen = text.ok() ? DecodeHttpState(*text) : text.status();
    if (!seen.ok()) {
      if (PathExists(record)) remote->salt = NewSalt();
      return;  // else it has never run, and will
    }
    remote->salt = seen->salt;
    if (!ask_) return;
    if (seen->etag.empty()) {
      remote->salt = NewSalt();
      return;
    }
    question.command.words = {gen_net_, "probe", http.url, seen->etag, secrets_};
  }
  questions->push_back(std::move(question));
}

bool RemoteResolver::Answer(const Question& question, const ChildResult& result, Diagnostic* error) {
  error->range = question.remote->range;
  if (result.exit_code != 0) {
    error->message = std::string(GenNetError(result).message());
    return false;
  }
  const absl::StatusOr<Json> json = ParseJson(result.out, "the answer of gen-net");
  if (!json.ok()) {
    error->message = std::string(json.status().message());
    return false;
  }
  if (question.key.empty()) {
    if (!JsonBool(*json, "same")) question.remote->salt = NewSalt();
    return true;
  }
  const Repository repository = {JsonString(*json, "ref"), JsonString(*json, "object"),
                                 JsonString(*json, "commit")};
  used_[question.key] = repository;
  return Complete(repository, question.remote, error);
}

bool RemoteResolver::Complete(const Repository& repository, PlanRemote* remote, Diagnostic* error) {
  GitSpec& git = std::get<GitSpec>(remote->spec);
  if (!absl::StartsWith(repository.object, remote->checksum) &&
      !absl::StartsWith(repository.commit, remote->checksum)) {
    error->message = absl::StrCat(repository.ref, " is the commit ", repository.commit,
                                  ", which does not begin with the checksum ", remote->checksum);
    return false;
  }
  git.ref = repository.ref;
  // A tag is an object of its own, which a repository that is kept has too.
  git.commit = git.keep_git_dir ? repository.object : repository.commit;
  return true;
}

std::string RemoteResolver::Encode() const {
  if (used_.empty() && used_times_.empty()) return "";
  Json json = {{"version", kVersion}, {"repositories", Json::object()}};
  for (const auto& [key, repository] : used_) {
    json["repositories"][key] = {
        {"ref", repository.ref}, {"object", repository.object}, {"commit", repository.commit}};
  }
  for (const auto& [key, time] : used_times_) json["times"][key] = time;
  return PrettyJson(json);
}

bool RemoteResolver::Find(const std::string& key, LockedNames::Repository* repository) const {
  const auto found = used_.find(key);
  if (found != used_.end()) *repository = found->second;
  return found != used_.end();
}

bool RemoteResolver::FindTime(const PlanRemote& remote, Epoch* time) {
  const std::string key = TimeKey(remote);
  auto found = used_times_.find(key);
  if (found == used_times_.end()) {
    if (ask_ || known_times_.count(key) == 0) return false;
    found = used_times_.emplace(key, known_times_[key]).first;
  }
  if (found->second >= 0) *time = found->second;
  return true;
}

// The URL may hold a password.
std::string RemoteResolver::TimeKey(const PlanRemote& remote) { return SpecDigest(remote.spec).ToHex(); }

}  // namespace kasane
