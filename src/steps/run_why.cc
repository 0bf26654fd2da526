#include "src/steps/run_why.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/store/tree_store.h"
#include "src/trace/trace.h"

namespace kasane {
namespace {

constexpr size_t kShownPath = 60;

std::string AbsolutePath(const std::string& root, const std::string& path) {
  return path.empty() ? (root.empty() ? "/" : root) : absl::StrCat(root, "/", absl::CHexEscape(path));
}

}  // namespace

std::string WhyItRan(const RunMiss& miss) {
  if (!miss.executed_before) return "first time";
  if (miss.differences.empty()) return "its earlier result is gone";
  const RunMiss::Item& first = miss.differences[0];
  std::string path = AbsolutePath(first.root, first.difference.path);
  if (path.size() > kShownPath) path = absl::StrCat("...", path.substr(path.size() - (kShownPath - 3)));
  return absl::StrCat(FactName(first.difference.fact), " of ", path);
}

absl::Status WriteRunWhy(Store* store, const std::string& record, const RunWhy& why,
                         const RunQuestion& question, const RunMiss& miss) {
  Json json = Json::object();
  json["version"] = 1;
  json["outcome"] = why.outcome;
  json["why"] = why.why;
  json["weak"] = why.weak.ToHex();
  if (!why.trace.empty()) json["trace"] = why.trace.ToString();
  if (why.seconds > 0) json["seconds"] = why.seconds;
  for (const std::string& below : why.below) json["below"].push_back(below);
  for (const RunQuestion::Root& root : question.roots) {
    Json member = Json::object();
    member["name"] = root.name;
    ASSIGN_OR_RETURN(Digest tree, SaveTree(store, root.asked.tree));
    member["tree"] = tree.ToString();
    member["xattrs"] = root.asked.has_xattrs;
    json["trees"].push_back(std::move(member));
  }
  if (!miss.differences.empty()) {
    Trace then;
    if (absl::StatusOr<std::string> bytes = store->ReadBlob(miss.trace); bytes.ok()) {
      if (absl::StatusOr<Trace> trace = Trace::Decode(*bytes); trace.ok()) then = *std::move(trace);
    }
    for (const RunMiss::Item& item : miss.differences) {
      Json member = Json::object();
      member["root"] = item.root;
      member["path"] = item.difference.path;
      member["fact"] = std::string(FactName(item.difference.fact));
      member["before"] = item.difference.before;
      member["after"] = item.difference.after;
      for (const TracedRoot& root : then.roots) {
        if (root.name != item.root || item.difference.observation >= root.askers.size()) continue;
        member["asker"] = then.ProcessChain(root.askers[item.difference.observation]);
      }
      json["differences"].push_back(std::move(member));
    }
  }
  return WriteFileAtomic(absl::StrCat(record, ".run"), absl::StrCat(DumpJson(json), "\n"));
}

absl::StatusOr<Json> ReadRunWhy(const std::string& record) {
  const std::string path = absl::StrCat(record, ".run");
  ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  return ParseJson(text, path);
}

double SecondsOfLastRun(const std::string& record) {
  const absl::StatusOr<Json> left = ReadRunWhy(record);
  const Json seconds = left.ok() ? JsonMember(*left, "seconds") : Json();
  return seconds.is_number() ? seconds.get<double>() : 0;
}

}  // namespace kasane
