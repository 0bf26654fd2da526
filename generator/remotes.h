// What gen has to find out about ADD's sources on the network, through gen-net.
#ifndef KASANE_GENERATOR_REMOTES_H_
#define KASANE_GENERATOR_REMOTES_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/base/child.h"
#include "src/base/diagnostic.h"
#include "src/config/lock_file.h"
#include "src/contract/build_secrets.h"
#include "src/plan/plan.h"

namespace kasane {

// A gen typed by hand asks the network, all sources at the same time: as BuildKit does at every build. A
// regeneration by ninja asks only for what is not known yet.
//
// - A repository's branch or tag becomes a commit; it is kept in `.kasane/remotes.json`. Full commits are not
// asked for.
// - Of a file without a checksum that has been brought before, the server is asked whether it is the same
// still
//   (http_state.h); if not, or if it has no ETag to tell by, the edge gets another salt and runs.
//
// File format 1: {"version":1,"repositories":{"REMOTE
// REF":{"ref":"main","object":"...","commit":"..."},...},"times":{"DIGEST OF REMOTE":1700000000}}.
class RemoteResolver {
 public:
  // `gen_net`: path of the program. `ask`: a gen typed by hand.
  RemoteResolver(std::string gen_net, bool ask) : gen_net_(std::move(gen_net)), ask_(ask) {}

  // Where secrets are that open files.
  void UseSecrets(const BuildSecrets& secrets) { secrets_ = EncodeBuildSecrets(secrets); }
  const std::string& secrets() const { return secrets_; }
  // A missing file, or one that cannot be read, knows nothing.
  void Load(const std::string& path);
  // Completes the specs and salts of all remotes of a plan. `state`: the state directory. False: `error` is
  // about the first that failed; its file is not set.
  bool Resolve(const std::string& state, Plan* plan, Diagnostic* error);
  // The same for one that is needed before there is a plan: a repository. False: `error` has the message
  // alone.
  bool ResolveOne(PlanRemote* remote, Diagnostic* error);
  // What was found out of "REMOTE REF". False: nothing.
  bool Find(const std::string& key, LockedNames::Repository* repository) const;
  // Puts the commit into the spec. False: the Dockerfile's checksum is that of another.
  static bool Complete(const LockedNames::Repository& repository, PlanRemote* remote, Diagnostic* error);
  // What is known of the time of a remote (SOURCE_DATE_EPOCH): what was found out since we began, or before
  // if nobody is to be asked. True: it is known.
  bool FindTime(const PlanRemote& remote, Epoch* time);
  void KeepTime(const PlanRemote& remote, Epoch time) { used_times_[TimeKey(remote)] = time.value_or(-1); }
  // The file's new content; what this plan does not need is not in it. Empty if nothing is needed.
  std::string Encode() const;

 private:
  using Repository = LockedNames::Repository;
  // A question, and who wants the answer.
  struct Question {
    PlanRemote* remote;
    ChildCommand command;
    std::string key;  // of a repository, or empty
  };
  bool Ask(const std::vector<Question>& questions, Diagnostic* error);
  void Prepare(const std::string& state, PlanRemote* remote, std::vector<Question>* questions);
  // False: see `error`.
  bool Answer(const Question& question, const ChildResult& result, Diagnostic* error);

  const std::string gen_net_;
  const bool ask_;
  static std::string TimeKey(const PlanRemote& remote);

  std::map<std::string, Repository> known_, used_;
  std::map<std::string, int64_t> known_times_, used_times_;  // by TimeKey; -1: it has none
  std::string secrets_ = EncodeBuildSecrets(BuildSecrets());
};

}  // namespace kasane

#endif  // KASANE_GENERATOR_REMOTES_H_
