#include "generator/verify_command.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "generator/built_graph.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/contract/spec_file.h"
#include "src/steps/common_gaps.h"
#include "src/store/store.h"
#include "src/store/tree_store.h"
#include "src/tree/delta.h"

namespace kasane {
namespace {

constexpr size_t kToldPaths = 10;

struct Verdict {
  const BuiltEdge* edge = nullptr;
  std::string outcome;             // equal, differs, failed
  std::vector<std::string> paths;  // "/x: content", up to kToldPaths
  std::string output;              // of one that failed
};

std::string Words(const DeltaEntry& then, const DeltaEntry& now) {
  if (then.whiteout != now.whiteout) return now.whiteout ? "is removed now" : "was removed then";
  const Entry &a = then.entry, &b = now.entry;
  if (a.type != b.type) return "type";
  std::vector<std::string> words;
  if (a.content != b.content || a.size != b.size) words.emplace_back("content");
  if (a.mode != b.mode || a.uid != b.uid || a.gid != b.gid) words.emplace_back("mode and owner");
  if (a.link_target != b.link_target) words.emplace_back("link target");
  if (a.xattrs != b.xattrs) words.emplace_back("xattrs");
  return words.empty() ? "links or marks" : absl::StrJoin(words, ", ");
}

DeltaEntry WithoutTime(DeltaEntry entry) {
  entry.entry.mtime = Timestamp();
  return entry;
}

bool SameButTime(const DeltaEntry& a, const DeltaEntry& b) {
  const DeltaEntry x = WithoutTime(a), y = WithoutTime(b);
  return x.whiteout == y.whiteout &&
         (x.whiteout || (x.opaque == y.opaque && x.implied == y.implied && x.entry == y.entry));
}

// A delta without a warm tool's caches, which the build left out at `gaps` (src/tree/gap.h), and without the
// directories that lead there.
std::vector<DeltaEntry> WithoutCaches(const Delta& delta, const std::vector<std::string>& gaps) {
  std::vector<DeltaEntry> entries;
  for (const DeltaEntry& entry : delta.entries()) {
    const bool is_left_out = std::any_of(gaps.begin(), gaps.end(), [&entry](const std::string& gap) {
      return IsAtOrBelow(entry.path, gap) || (entry.entry.is_directory() && IsAtOrBelow(gap, entry.path));
    });
    if (!is_left_out) entries.push_back(entry);
  }
  return entries;
}

// The first paths that two deltas do not share.
std::vector<std::string> DifferingPaths(const std::vector<DeltaEntry>& then,
                                        const std::vector<DeltaEntry>& now) {
  std::vector<std::string> told;
  auto a = then.begin(), b = now.begin();
  const auto tell = [&told](const std::string& path, const std::string& words) {
    told.push_back(absl::StrCat("/", absl::CHexEscape(path), ": ", words));
  };
  while ((a != then.end() || b != now.end()) && told.size() < kToldPaths) {
    if (b == now.end() || (a != then.end() && PathLess(a->path, b->path))) {
      tell(a->path, a->whiteout ? "was removed then" : "was written then");
      ++a;
    } else if (a == then.end() || PathLess(b->path, a->path)) {
      tell(b->path, b->whiteout ? "is removed now" : "is written now");
      ++b;
    } else {
      if (!SameButTime(*a, *b)) tell(a->path, Words(*a, *b));
      ++a, ++b;
    }
  }
  return told;
}

// A store in a scratch directory of the real one: the same blobs, no results, no caches. So whoever works in
// it finds all files, and nothing that was done before.
absl::StatusOr<std::string> MakeEmptyStore(const Store& store, const std::string& scratch) {
  const std::string directory = JoinPath(scratch, "store");
  for (const std::string& made : {directory, JoinPath(directory, "results"), JoinPath(directory, "tmp")}) {
    if (mkdir(made.c_str(), 0700) != 0) return ErrnoStatus(errno, absl::StrCat("cannot make ", made));
  }
  for (const char* name : {"blobs", "packs"}) {
    const std::string target = JoinPath(store.directory(), name);
    if (!PathExists(target)) continue;
    if (symlink(target.c_str(), JoinPath(directory, name).c_str()) != 0)
      return ErrnoStatus(errno, "cannot make a link");
  }
  for (const char* name : {"format", "id"}) {
    ASSIGN_OR_RETURN(std::string text, ReadFile(JoinPath(store.directory(), name)));
    RETURN_IF_ERROR(WriteFileAtomic(JoinPath(directory, name), text));
  }
  return directory;
}

// Runs a program to its end in `directory`; what it prints goes to the file `output`.
absl::StatusOr<int> Execute(const std::vector<std::string>& words, const std::string& directory,
                            const std::string& store, const std::string& output) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return ErrnoStatus(errno, "cannot fork");
  if (pid == 0) {
    const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(126);
    if (!directory.empty() && chdir(directory.c_str()) != 0) _exit(126);
    setenv("KASANE_STORE", store.c_str(), 1);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return ErrnoStatus(errno, "cannot wait");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class Verifier {
 public:
  Verifier(Store* store, std::string directory, std::string gen)
      : store_(store), directory_(std::move(directory)), gen_(std::move(gen)) {}

  absl::StatusOr<Verdict> Verify(const BuiltEdge& edge) {
    Verdict verdict;
    verdict.edge = &edge;
    ASSIGN_OR_RETURN(ScratchDir scratch, store_->NewScratch());
    ASSIGN_OR_RETURN(std::string empty, MakeEmptyStore(*store_, scratch.path()));
    const std::string record = JoinPath(scratch.path(), "record.json"),
                      output = JoinPath(scratch.path(), "output");
    // Fresh: without warm tools too.
    std::vector<std::string> words = {gen_,      "step",   "--dir", ".kasane",
                                      "--fresh", "verify", "--log", JoinPath(scratch.path(), "log"),
                                      "--below"};
    const std::string copies = JoinPath(scratch.path(), "record-");
    RETURN_IF_ERROR(AddCopies(edge.below, copies, &words));
    words.emplace_back("--source");
    RETURN_IF_ERROR(AddCopies(edge.source, copies, &words));
    words.insert(words.end(), {"--", edge.spec.ToHex(), record});
    ASSIGN_OR_RETURN(int status, Execute(words, directory_, empty, output));
    if (status != 0) {
      verdict.outcome = "failed";
      absl::StatusOr<std::string> text = ReadFile(output);
      if (text.ok()) verdict.output = *std::move(text);
      return verdict;
    }
    ASSIGN_OR_RETURN(Record now, ReadRecord(record));
    ASSIGN_OR_RETURN(Record then, ReadRecord(absl::StrCat(directory_, edge.record)));
    ASSIGN_OR_RETURN(Delta delta_now, LoadDelta(*store_, now.delta));
    ASSIGN_OR_RETURN(Delta delta_then, LoadDelta(*store_, then.delta));
    verdict.outcome = "equal";
    if (delta_then.TimelessDigest() == delta_now.TimelessDigest()) return verdict;
    ASSIGN_OR_RETURN(const std::vector<std::string> gaps, GapsAfter(edge));
    verdict.paths = DifferingPaths(WithoutCaches(delta_then, gaps), WithoutCaches(delta_now, gaps));
    if (gaps.empty() || !verdict.paths.empty()) verdict.outcome = "differs";
    return verdict;
  }

 private:
  // In the tree that the RUN left.
  absl::StatusOr<std::vector<std::string>> GapsAfter(const BuiltEdge& edge) const {
    std::vector<std::string> records;
    for (const std::string& record : edge.below) records.push_back(absl::StrCat(directory_, record));
    records.push_back(absl::StrCat(directory_, edge.record));
    return GapsOf(records);
  }
  // Of records: a RUN that finds a warm tool's caches left out below it has these replaced.
  absl::Status AddCopies(const std::vector<std::string>& records, const std::string& prefix,
                         std::vector<std::string>* words) const {
    for (const std::string& record : records) {
      ASSIGN_OR_RETURN(const std::string text, ReadFile(absl::StrCat(directory_, record)));
      words->push_back(absl::StrCat(prefix, words->size(), ".json"));
      RETURN_IF_ERROR(WriteFileAtomic(words->back(), text));
    }
    return absl::OkStatus();
  }

  Store* const store_;
  const std::string directory_, gen_;
};

void Print(const Verdict& verdict, std::string* out) {
  absl::StrAppend(out, verdict.outcome, std::string(8 - std::min<size_t>(7, verdict.outcome.size()), ' '),
                  StepTitle(verdict.edge->origin), "\n");
  for (const std::string& path : verdict.paths) absl::StrAppend(out, "          ", path, "\n");
  out->append(verdict.output);
}

Json ToJson(const Verdict& verdict) {
  Json json = Json::object();
  json["stage"] = verdict.edge->origin.stage;
  json["line"] = verdict.edge->origin.range.line;
  json["text"] = verdict.edge->origin.text;
  json["outcome"] = verdict.outcome;
  json["paths"] = verdict.paths;
  return json;
}

struct Request {
  std::string directory, place;
  bool json = false;
};

absl::StatusOr<bool> VerifyAll(const Request& request, const std::string& gen, std::string* out) {
  ASSIGN_OR_RETURN(std::vector<BuiltEdge> edges, ReadBuiltEdges(request.directory));
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(Store::DefaultPath()));
  Verifier verifier(store.get(), request.directory, gen);
  Json list = Json::array();
  size_t all = 0, equal = 0;
  for (const BuiltEdge& edge : edges) {
    if (!IsStepAt(edge.origin, request.place)) continue;
    absl::StatusOr<Record> record = ReadRecord(absl::StrCat(request.directory, edge.record));
    if (!record.ok() || record->kind != "run") continue;
    ASSIGN_OR_RETURN(Verdict verdict, verifier.Verify(edge));
    ++all, equal += verdict.outcome == "equal" ? 1 : 0;
    if (request.json) {
      list.push_back(ToJson(verdict));
    } else {
      Print(verdict, out);
    }
  }
  if (all == 0) {
    return absl::NotFoundError(request.place.empty()
                                   ? "no RUN has been built here yet"
                                   : absl::StrCat("no RUN that was built is at ", request.place));
  }
  if (request.json) {
    Json json = Json::object();
    json["version"] = 1;
    json["runs"] = std::move(list);
    absl::StrAppend(out, DumpJson(json), "\n");
  } else {
    absl::StrAppend(out, equal, " of ", all, all == 1 ? " RUN is equal\n" : " RUNs are equal\n");
  }
  return equal == all;
}

}  // namespace

int VerifyCommand(const std::vector<std::string>& args, const std::string& gen, std::string* out,
                  Messages* messages) {
  const std::string usage = "use gen verify [-C DIR] [--json] [STAGE:LINE]";
  Request request;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if ((arg == "-C" || arg == "--build-dir") && i + 1 < args.size()) {
      request.directory = absl::StrCat(args[++i], "/");
    } else if (arg == "--json" || arg == "--format=json") {
      request.json = true;
    } else if (!absl::StartsWith(arg, "-") && request.place.empty()) {
      request.place = arg;
    } else {
      messages->Error(absl::StrCat("gen verify does not take \"", arg, "\""), usage);
      return 2;
    }
  }
  absl::StatusOr<bool> equal = VerifyAll(request, gen, out);
  if (equal.ok()) return *equal ? 0 : 1;
  messages->Error(std::string(equal.status().message()), "gen why lists the RUNs that were built");
  return 1;
}

}  // namespace kasane
