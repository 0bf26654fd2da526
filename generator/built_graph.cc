#include "generator/built_graph.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/contract/chain_file.h"

namespace kasane {
namespace {

// Words of a line of build.ninja: "$ ", "$:" and "$$" are quoted, ${kasane} is empty, $records and $state are
// ours.
std::vector<std::string> Words(absl::string_view line) {
  std::vector<std::string> words = {""};
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') {
      if (!words.back().empty()) words.emplace_back();
    } else if (line[i] != '$' || i + 1 == line.size()) {
      words.back() += line[i];
    } else if (line[i + 1] == '$' || line[i + 1] == ' ' || line[i + 1] == ':') {
      words.back() += line[++i];
    } else if (absl::string_view rest = line.substr(i + 1); absl::ConsumePrefix(&rest, "records")) {
      words.back() += ".kasane/records";
      i += 7;
    } else if (absl::ConsumePrefix(&rest, "state")) {
      words.back() += ".kasane";
      i += 5;
    } else if (absl::ConsumePrefix(&rest, "{kasane}")) {
      i += 8;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// "OUT [| OUT..]: RULE IN.. [| IN..]"
bool ParseBuild(absl::string_view line, BuiltEdge* edge) {
  const std::vector<std::string> words = Words(line);
  size_t i = 0;
  while (i < words.size() && !absl::EndsWith(words[i], ":")) ++i;
  if (i + 1 >= words.size()) return false;
  const std::string& rule = words[i + 1];
  if (rule != "kasane_step" && rule != "kasane_collect") return false;
  edge->record = std::string(absl::StripSuffix(words[0], ":"));
  for (i += 2; i < words.size() && words[i] != "|" && words[i] != "||"; ++i) {
    (rule == "kasane_collect" ? edge->source : edge->below).push_back(words[i]);
  }
  return true;
}

// Chain files replaced by what they stand for, if they are there; `chains` are those that were read before.
std::vector<std::string> Expanded(const std::string& directory, const std::vector<std::string>& paths,
                                  std::map<std::string, std::vector<std::string>>* chains) {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    if (!IsChainFile(path)) {
      out.push_back(path);
      continue;
    }
    const auto [known, is_new] = chains->try_emplace(path);
    if (is_new) {
      absl::StatusOr<std::vector<std::string>> records = ExpandChains(directory, {path});
      known->second = records.ok() ? *std::move(records) : std::vector<std::string>{path};
    }
    out.insert(out.end(), known->second.begin(), known->second.end());
  }
  return out;
}

}  // namespace

std::vector<BuiltEdge> ParseBuiltEdges(absl::string_view ninja) {
  std::vector<BuiltEdge> edges;
  bool in_edge = false;
  for (absl::string_view line : absl::StrSplit(ninja, '\n')) {
    if (absl::ConsumePrefix(&line, "build ")) {
      BuiltEdge edge;
      in_edge = ParseBuild(line, &edge);
      if (in_edge) edges.push_back(std::move(edge));
    } else if (!absl::StartsWith(line, " ")) {
      in_edge = false;
    } else if (in_edge && absl::ConsumePrefix(&line, "  spec = ")) {
      absl::StatusOr<Digest> spec = Digest::ParseHex(line);
      if (spec.ok()) edges.back().spec = *spec;
    } else if (in_edge && absl::ConsumePrefix(&line, "  source = ")) {
      edges.back().source = Words(line);
    }
  }
  return edges;
}

absl::Status NoBuildIn(const std::string& state) {
  return absl::NotFoundError(
      PathExists(JoinPath(state, "workspace"))
          ? "here are several images, each with a build of its own: say which by -C .kasane/NAME"
          : "there is no build here: run gen and ninja first");
}

absl::StatusOr<std::vector<BuiltEdge>> ReadBuiltEdges(const std::string& directory) {
  const std::string state = absl::StrCat(directory, ".kasane");
  absl::StatusOr<std::string> text = ReadFile(JoinPath(state, "image.ninja"));
  if (!text.ok()) return NoBuildIn(state);
  std::vector<BuiltEdge> edges = ParseBuiltEdges(*text);
  std::map<std::string, std::vector<std::string>> chains;
  for (BuiltEdge& edge : edges) {
    edge.origin = ReadStepOrigin(state, edge.record);
    edge.below = Expanded(directory, edge.below, &chains);
    edge.source = Expanded(directory, edge.source, &chains);
  }
  return edges;
}

std::vector<std::string> StageRecords(const std::string& directory, const std::string& stage) {
  const absl::StatusOr<std::string> text = ReadFile(absl::StrCat(directory, ".kasane/image.ninja"));
  if (!text.ok()) return {};
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    if (!absl::ConsumePrefix(&line, "build ${kasane}stage/")) continue;
    std::vector<std::string> words = Words(line);
    if (words.size() < 3 || !absl::EqualsIgnoreCase(words[0], absl::StrCat(stage, ":"))) continue;
    words.erase(words.begin(), words.begin() + 2);  // "NAME:", "phony"
    std::map<std::string, std::vector<std::string>> chains;
    std::vector<std::string> records = Expanded(directory, words, &chains);
    for (std::string& record : records) record = absl::StrCat(directory, record);
    return records;
  }
  return {};
}

bool IsStepAt(const StepOrigin& origin, const std::string& place) {
  if (place.empty()) return true;
  const size_t colon = place.rfind(':');
  int line = 0;
  if (!absl::SimpleAtoi(place.substr(colon == std::string::npos ? 0 : colon + 1), &line)) return false;
  if (line < origin.range.line || line > origin.range.end_line) return false;
  return colon == std::string::npos || place.substr(0, colon) == origin.stage;
}

}  // namespace kasane
