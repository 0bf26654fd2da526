#include "generator/why_command.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "generator/built_graph.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/contract/step.h"
#include "src/steps/run_why.h"
#include "src/store/store.h"
#include "src/store/tree_store.h"
#include "src/trace/answers.h"
#include "src/trace/path_set.h"
#include "src/trace/trace.h"

namespace kasane {
namespace {

constexpr char kBase[] = "the base image";

struct Request {
  std::string directory;  // of the build, with a slash; "" for this one
  std::string place;      // "STAGE:LINE" or "LINE"; "": everything
  bool json = false;
  bool all = false;

  std::string state() const { return absl::StrCat(directory, ".kasane"); }
};

// A RUN of the Dockerfile that has been come to.
struct Run {
  std::string record;  // as steps.json names it
  StepOrigin origin;
  Json left;  // its .run file
};

absl::StatusOr<std::vector<Run>> FindRuns(const Request& request) {
  const std::string path = JoinPath(request.state(), "steps.json");
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return NoBuildIn(request.state());
  ASSIGN_OR_RETURN(Json json, ParseJson(*text, path));
  std::vector<Run> runs;
  for (const auto& [out, step] : JsonMember(json, "steps").items()) {
    Run run;
    run.record = out;
    run.origin = ReadStepOrigin(request.state(), out);
    if (!IsStepAt(run.origin, request.place)) continue;
    absl::StatusOr<Json> left = ReadRunWhy(absl::StrCat(request.directory, out));
    if (!left.ok()) continue;  // no RUN, or not come to yet
    run.left = *std::move(left);
    runs.push_back(std::move(run));
  }
  if (runs.empty()) {
    return absl::NotFoundError(request.place.empty()
                                   ? "no RUN has been built here yet"
                                   : absl::StrCat("no RUN that was built is at ", request.place));
  }
  return runs;
}

// Who supplied each path of the tree below a RUN: the last step below it that has it in its delta.
class Suppliers {
 public:
  Suppliers(const Store& store, const Request& request, const Json& below) {
    for (const Json& item : below) {
      const std::string record = item.is_string() ? item.get<std::string>() : "";
      absl::StatusOr<Record> read = ReadRecord(absl::StrCat(request.directory, record));
      if (!read.ok() || read->delta.empty()) continue;
      absl::StatusOr<Delta> delta = LoadDelta(store, read->delta);
      if (!delta.ok()) continue;
      StepOrigin origin = ReadStepOrigin(request.state(), record);
      names_.push_back(StepTitle(origin));
      for (const DeltaEntry& entry : delta->entries()) last_[entry.path] = names_.size() - 1;
    }
  }
  // For a listing: who last changed something in the directory counts too.
  std::string Of(const std::string& path) const {
    auto found = last_.find(path);
    return found == last_.end() ? kBase : names_[found->second];
  }

 private:
  std::vector<std::string> names_;
  absl::flat_hash_map<std::string, size_t> last_;
};

std::string AbsolutePath(const std::string& root, const std::string& path) {
  if (path.empty()) return root.empty() ? "/" : root;
  return absl::StrCat(root, "/", absl::CHexEscape(path));
}

void PrintWhy(const Store& store, const Request& request, const Run& run, std::string* out) {
  absl::StrAppend(out, StepTitle(run.origin), "\n  ", JsonString(run.left, "outcome"), ": ",
                  JsonString(run.left, "why"), "\n");
  const Json& differences = JsonMember(run.left, "differences");
  if (differences.empty()) return;
  const Suppliers suppliers(store, request, JsonMember(run.left, "below"));
  for (const Json& item : differences) {
    const std::string root = JsonString(item, "root"), path = JsonString(item, "path");
    absl::StrAppend(out, "  ", JsonString(item, "fact"), " of ", AbsolutePath(root, path), ": ",
                    JsonString(item, "before"), " -> ", JsonString(item, "after"), "\n");
    const std::string asker = JsonString(item, "asker");
    if (!asker.empty()) absl::StrAppend(out, "    read by ", asker, "\n");
    absl::StrAppend(out, "    from ", root.empty() ? suppliers.Of(path) : absl::StrCat("the mount at ", root),
                    "\n");
  }
}

struct Read {
  std::string path, supplier, asker, profile;
  std::vector<std::string> facts;
};

absl::StatusOr<std::vector<Read>> ReadsOf(const Store& store, const Request& request, const Run& run) {
  ASSIGN_OR_RETURN(Digest digest, Digest::Parse(JsonString(run.left, "trace")));
  ASSIGN_OR_RETURN(std::string bytes, store.ReadBlob(digest));
  ASSIGN_OR_RETURN(Trace trace, Trace::Decode(bytes));
  const Suppliers suppliers(store, request, JsonMember(run.left, "below"));
  std::vector<Read> reads;
  for (const TracedRoot& root : trace.roots) {
    ASSIGN_OR_RETURN(std::string encoded, store.ReadBlob(root.path_set));
    ASSIGN_OR_RETURN(const PathSet paths, PathSet::Decode(std::move(encoded)));
    size_t next = 0;
    for (const Observation& observation : paths) {
      const size_t i = next++;
      Read read;
      read.path = AbsolutePath(root.name, observation.path);
      read.supplier =
          root.name.empty() ? suppliers.Of(observation.path) : absl::StrCat("the mount at ", root.name);
      const uint32_t asker = i < root.askers.size() ? root.askers[i] : 0;
      read.asker = trace.ProcessChain(asker);
      if (asker != 0 && asker <= trace.processes.size()) read.profile = trace.processes[asker - 1].profile;
      if (observation.facts & fact::kAbsent) read.supplier = "nobody: it is not there";
      for (uint32_t bit = 1; bit <= observation.facts; bit <<= 1) {
        if (observation.facts & bit) read.facts.emplace_back(FactName(bit));
      }
      reads.push_back(std::move(read));
    }
  }
  return reads;
}

void PrintReads(const std::vector<Read>& reads, bool all, std::string* out) {
  std::map<std::string, std::vector<const Read*>> groups;
  for (const Read& read : reads) groups[read.supplier].push_back(&read);
  for (const auto& [supplier, group] : groups) {
    absl::StrAppend(out, supplier, ": ", group.size(), group.size() == 1 ? " path\n" : " paths\n");
    if (supplier == kBase && !all) continue;
    for (const Read* read : group) {
      absl::StrAppend(out, "  ", read->path, "  ", absl::StrJoin(read->facts, ", "));
      if (!read->asker.empty()) absl::StrAppend(out, "  by ", read->asker);
      if (!read->profile.empty()) absl::StrAppend(out, " [", read->profile, "]");
      absl::StrAppend(out, "\n");
    }
  }
}

Json ReadsJson(const std::vector<Read>& reads) {
  Json list = Json::array();
  for (const Read& read : reads) {
    Json item = Json::object();
    item["path"] = read.path;
    item["facts"] = read.facts;
    item["supplier"] = read.supplier;
    item["asker"] = read.asker;
    item["profile"] = read.profile;
    list.push_back(std::move(item));
  }
  Json json = Json::object();
  json["version"] = 1;
  json["reads"] = std::move(list);
  return json;
}

absl::Status Answer(const std::string& command, const Request& request, std::string* out) {
  ASSIGN_OR_RETURN(std::vector<Run> runs, FindRuns(request));
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(Store::DefaultPath()));
  if (command == "why") {
    for (const Run& run : runs) PrintWhy(*store, request, run, out);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::vector<Read> reads, ReadsOf(*store, request, runs[0]));
  if (request.json) {
    absl::StrAppend(out, DumpJson(ReadsJson(reads)), "\n");
  } else {
    PrintReads(reads, request.all, out);
  }
  return absl::OkStatus();
}

}  // namespace

int WhyCommand(const std::string& command, const std::vector<std::string>& args, std::string* out,
               Messages* messages) {
  Request request;
  const std::string usage = command == "why" ? "use gen why [-C DIR] [STAGE:LINE]"
                                             : "use gen reads [-C DIR] [--json] [--all] STAGE:LINE";
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if ((arg == "-C" || arg == "--build-dir") && i + 1 < args.size()) {
      request.directory = absl::StrCat(args[++i], "/");
    } else if ((arg == "--json" || arg == "--format=json") && command == "reads") {
      request.json = true;
    } else if (arg == "--format=text" && command == "reads") {
      request.json = false;
    } else if (arg == "--all" && command == "reads") {
      request.all = true;
    } else if (!absl::StartsWith(arg, "-") && request.place.empty()) {
      request.place = arg;
    } else {
      messages->Error(absl::StrCat("gen ", command, " does not take \"", arg, "\""), usage);
      return 2;
    }
  }
  if (command == "reads" && request.place.empty()) {
    messages->Error("gen reads needs a place in the Dockerfile", usage);
    return 2;
  }
  const absl::Status status = Answer(command, request, out);
  if (status.ok()) return 0;
  messages->Error(std::string(status.message()), "gen why lists the RUNs that were built");
  return 1;
}

}  // namespace kasane
