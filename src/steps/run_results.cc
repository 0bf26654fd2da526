#include "src/steps/run_results.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

constexpr size_t kToldDifferences = 10;

// One earlier execution.
struct Candidate {
  struct Root {
    std::string name;
    Digest paths;
    Digest tree;
    bool xattrs = true;
  };
  Digest strong;
  Digest trace;
  std::vector<Root> roots;
};

Digest ExactKey(const RunQuestion& question) {
  std::string key;
  PutBytes(&key, "run exact");
  PutBytes(&key, question.weak.bytes());
  for (const RunQuestion::Root& root : question.roots) {
    PutBytes(&key, root.name);
    PutBytes(&key, root.asked.tree.digest().bytes());
    PutVarint(&key, root.asked.has_xattrs ? 1 : 0);
  }
  return Sha256Of(key);
}

// `paths` and `answers`: per root.
Digest StrongKey(const Digest& weak, const std::vector<Digest>& paths, const std::vector<Digest>& answers) {
  std::string key;
  PutBytes(&key, "run strong");
  PutBytes(&key, weak.bytes());
  for (const Digest& digest : paths) PutBytes(&key, digest.bytes());
  for (const Digest& digest : answers) PutBytes(&key, digest.bytes());
  return Sha256Of(key);
}

absl::StatusOr<std::vector<Candidate>> LoadCandidates(const Store& store, const Digest& weak) {
  ASSIGN_OR_RETURN(std::string text, store.GetResult(weak));
  ASSIGN_OR_RETURN(Json json, ParseJson(text, "a RUN's executions"));
  std::vector<Candidate> candidates;
  if (JsonInt(json, "version") != 1) return candidates;
  for (const Json& item : JsonMember(json, "candidates")) {
    Candidate candidate;
    ASSIGN_OR_RETURN(candidate.strong, Digest::ParseHex(JsonString(item, "strong")));
    ASSIGN_OR_RETURN(candidate.trace, Digest::Parse(JsonString(item, "trace")));
    for (const Json& member : JsonMember(item, "roots")) {
      Candidate::Root root;
      root.name = JsonString(member, "name");
      ASSIGN_OR_RETURN(root.paths, Digest::Parse(JsonString(member, "paths")));
      ASSIGN_OR_RETURN(root.tree, Digest::Parse(JsonString(member, "tree")));
      root.xattrs =
          JsonMember(member, "xattrs").is_boolean() ? JsonMember(member, "xattrs").get<bool>() : true;
      candidate.roots.push_back(std::move(root));
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

absl::Status StoreCandidates(Store* store, const Digest& weak, const std::vector<Candidate>& candidates) {
  Json list = Json::array();
  for (const Candidate& candidate : candidates) {
    Json roots = Json::array();
    for (const Candidate::Root& root : candidate.roots) {
      Json member = Json::object();
      member["name"] = root.name;
      member["paths"] = root.paths.ToString();
      member["tree"] = root.tree.ToString();
      member["xattrs"] = root.xattrs;
      roots.push_back(std::move(member));
    }
    Json item = Json::object();
    item["strong"] = candidate.strong.ToHex();
    item["trace"] = candidate.trace.ToString();
    item["roots"] = std::move(roots);
    list.push_back(std::move(item));
  }
  Json json = Json::object();
  json["version"] = 1;
  json["candidates"] = std::move(list);
  return store->PutResult(weak, DumpJson(json));
}

absl::StatusOr<RunResult> LoadResult(const Store& store, const Digest& strong) {
  ASSIGN_OR_RETURN(std::string text, store.GetResult(strong));
  ASSIGN_OR_RETURN(Json json, ParseJson(text, "a RUN's result"));
  RunResult result;
  ASSIGN_OR_RETURN(result.record, DecodeRecord(DumpJson(JsonMember(json, "record")), "a RUN's result"));
  ASSIGN_OR_RETURN(result.trace, Digest::Parse(JsonString(json, "trace")));
  RETURN_IF_ERROR(LoadWholeDelta(store, result.record.delta).status());
  return result;
}

absl::Status PutExact(Store* store, const RunQuestion& question, const Digest& strong) {
  return store->PutResult(ExactKey(question),
                          absl::StrCat("{\"version\":1,\"strong\":\"", strong.ToHex(), "\"}"));
}

// The tree, and its files: a path set may ask for a part of one.
AskedTree Readable(const Store* store, AskedTree asked) {
  asked.read = [store](const Node& file) { return store->ReadBlob(file.entry.content); };
  return asked;
}

bool SameRoots(const RunQuestion& question, const Candidate& candidate) {
  if (question.roots.size() != candidate.roots.size()) return false;
  for (size_t i = 0; i < question.roots.size(); ++i) {
    if (question.roots[i].name != candidate.roots[i].name) return false;
  }
  return true;
}

// Looks a question up among the candidates; each path set is read and answered once.
class Lookup {
 public:
  Lookup(Store* store, const RunQuestion& question) : store_(store), question_(question) {}

  // True if the trees that the candidate was executed on give the present ones' answers. In time proportional
  // to what differs between them.
  absl::StatusOr<bool> AnswersAsThen(const Candidate& candidate, size_t limit, RunMiss* miss) {
    bool same = true;
    for (size_t i = 0; i < candidate.roots.size(); ++i) {
      const Candidate::Root& then = candidate.roots[i];
      ASSIGN_OR_RETURN(const PathSet* paths, Paths(then.paths));
      AskedTree before;
      ASSIGN_OR_RETURN(before.tree, LoadTree(*store_, then.tree));
      before.has_xattrs = then.xattrs;
      before = Readable(store_, std::move(before));
      const AskedTree now = Readable(store_, question_.roots[i].asked);
      std::vector<Difference> differences;
      same &= SameAnswers(*paths, before, now, limit > 0 ? &differences : nullptr, limit);
      RETURN_IF_ERROR(before.tree.status());
      RETURN_IF_ERROR(question_.roots[i].asked.tree.status());
      for (Difference& difference : differences)
        miss->differences.push_back({then.name, std::move(difference)});
      if (!same && limit == 0) return false;
    }
    return same;
  }

  // The strong key that the present trees give with the candidate's path sets.
  absl::StatusOr<Digest> Strong(const Candidate& candidate) {
    std::vector<Digest> paths, answers;
    for (size_t i = 0; i < candidate.roots.size(); ++i) {
      const Digest& digest = candidate.roots[i].paths;
      paths.push_back(digest);
      auto [known, fresh] = answers_.try_emplace({i, digest});
      if (fresh) {
        ASSIGN_OR_RETURN(const PathSet* set, Paths(digest));
        known->second = Answers(*set, Readable(store_, question_.roots[i].asked));
        RETURN_IF_ERROR(question_.roots[i].asked.tree.status());
      }
      answers.push_back(known->second);
    }
    return StrongKey(question_.weak, paths, answers);
  }

  absl::StatusOr<const PathSet*> Paths(const Digest& digest) {
    auto known = paths_.find(digest);
    if (known == paths_.end()) {
      ASSIGN_OR_RETURN(std::string bytes, store_->ReadBlob(digest));
      ASSIGN_OR_RETURN(PathSet set, PathSet::Decode(std::move(bytes)));
      known = paths_.emplace(digest, std::move(set)).first;
    }
    return &known->second;
  }

 private:
  Store* const store_;
  const RunQuestion& question_;
  std::map<Digest, PathSet> paths_;
  std::map<std::pair<size_t, Digest>, Digest> answers_;
};

absl::StatusOr<RunResult> FindExact(const Store& store, const RunQuestion& question) {
  ASSIGN_OR_RETURN(std::string text, store.GetResult(ExactKey(question)));
  ASSIGN_OR_RETURN(Json json, ParseJson(text, "a RUN's result"));
  ASSIGN_OR_RETURN(Digest strong, Digest::ParseHex(JsonString(json, "strong")));
  ASSIGN_OR_RETURN(RunResult result, LoadResult(store, strong));
  result.why = "the same tree below";
  return result;
}

// Makes the candidate that was found the newest one.
void Promote(Store* store, const RunQuestion& question, std::vector<Candidate> candidates, size_t index) {
  if (index == 0) return;
  std::rotate(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(index),
              candidates.begin() + static_cast<std::ptrdiff_t>(index) + 1);
  StoreCandidates(store, question.weak, candidates).IgnoreError();  // only a saving of time
}

}  // namespace

absl::StatusOr<Delta> LoadWholeDelta(const Store& store, const Digest& digest) {
  ASSIGN_OR_RETURN(Delta delta, LoadDelta(store, digest));
  for (const DeltaEntry& entry : delta.entries()) {
    if (entry.whiteout || !entry.entry.is_file() || store.HasBlob(entry.entry.content)) continue;
    return absl::NotFoundError(absl::StrCat("/", entry.path, ": its content is missing in the store"));
  }
  return delta;
}

absl::StatusOr<RunResult> FindRunResult(Store* store, const RunQuestion& question, RunMiss* miss) {
  absl::StatusOr<RunResult> exact = FindExact(*store, question);
  if (exact.ok()) return exact;
  absl::StatusOr<std::vector<Candidate>> loaded = LoadCandidates(*store, question.weak);
  std::vector<Candidate> candidates;
  if (loaded.ok()) candidates = *std::move(loaded);
  Lookup lookup(store, question);
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    if (!SameRoots(question, candidate)) continue;
    // A tree, or a path set, that the store has lost is no reason to fail: the next one may do.
    absl::StatusOr<bool> same = lookup.AnswersAsThen(candidate, 0, miss);
    Digest strong = candidate.strong;
    if (!same.ok() || !*same) {
      absl::StatusOr<Digest> found = lookup.Strong(candidate);
      if (!found.ok()) continue;
      strong = *found;
    }
    absl::StatusOr<RunResult> result = LoadResult(*store, strong);
    if (!result.ok()) continue;
    result->why = "nothing that it read has changed";
    PutExact(store, question, strong).IgnoreError();
    Promote(store, question, std::move(candidates), i);
    return result;
  }
  for (const Candidate& candidate : candidates) {
    if (!SameRoots(question, candidate)) continue;
    miss->executed_before = true;
    miss->trace = candidate.trace;
    lookup.AnswersAsThen(candidate, kToldDifferences, miss).IgnoreError();
    absl::StatusOr<const PathSet*> paths = lookup.Paths(candidate.roots[0].paths);
    if (paths.ok()) miss->paths = std::make_shared<const PathSet>(**paths);
    break;
  }
  return absl::NotFoundError("not executed before on such a tree");
}

absl::StatusOr<Digest> SaveRunResult(Store* store, const RunQuestion& question, const Trace& trace,
                                     const Record& record) {
  Candidate candidate;
  ASSIGN_OR_RETURN(candidate.trace, store->PutBlob(trace.Encode()));
  std::vector<Digest> paths, answers;
  for (size_t i = 0; i < question.roots.size(); ++i) {
    const RunQuestion::Root& root = question.roots[i];
    Candidate::Root then;
    then.name = root.name;
    then.paths = trace.roots[i].path_set;
    then.xattrs = root.asked.has_xattrs;
    ASSIGN_OR_RETURN(then.tree, SaveTree(store, root.asked.tree));
    ASSIGN_OR_RETURN(std::string bytes, store->ReadBlob(then.paths));
    ASSIGN_OR_RETURN(PathSet set, PathSet::Decode(std::move(bytes)));
    paths.push_back(then.paths);
    answers.push_back(Answers(set, Readable(store, root.asked)));
    RETURN_IF_ERROR(root.asked.tree.status());
    candidate.roots.push_back(std::move(then));
  }
  candidate.strong = StrongKey(question.weak, paths, answers);
  ASSIGN_OR_RETURN(Json record_json, ParseJson(EncodeRecord(record), "a record"));
  Json result = Json::object();
  result["version"] = 1;
  result["record"] = std::move(record_json);
  result["trace"] = candidate.trace.ToString();
  RETURN_IF_ERROR(store->PutResult(candidate.strong, DumpJson(result)));
  RETURN_IF_ERROR(PutExact(store, question, candidate.strong));

  const Digest trace_digest = candidate.trace;
  std::vector<Candidate> candidates = {std::move(candidate)};
  absl::StatusOr<std::vector<Candidate>> older = LoadCandidates(*store, question.weak);
  if (older.ok()) {
    for (Candidate& other : *older) {
      if (candidates.size() == kMaxRunCandidates) break;
      if (other.strong != candidates[0].strong) candidates.push_back(std::move(other));
    }
  }
  RETURN_IF_ERROR(StoreCandidates(store, question.weak, candidates));
  return trace_digest;
}

}  // namespace kasane
