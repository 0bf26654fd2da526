#include "generator/step_state.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "generator/built_graph.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/contract/spec_file.h"
#include "src/steps/common_gaps.h"

namespace kasane {
namespace {

// An instruction that changes the file system.
struct Step {
  BuiltEdge edge;
  Spec spec;
};

absl::StatusOr<std::vector<Step>> ReadSteps(const std::string& directory) {
  ASSIGN_OR_RETURN(std::vector<BuiltEdge> edges, ReadBuiltEdges(directory));
  std::vector<Step> steps;
  for (BuiltEdge& edge : edges) {
    if (edge.origin.range.line == 0) continue;
    ASSIGN_OR_RETURN(Spec spec, ReadSpec(absl::StrCat(directory, ".kasane/specs"), edge.spec));
    if (std::holds_alternative<CopySpec>(spec) || std::holds_alternative<WorkdirSpec>(spec) ||
        std::holds_alternative<RunSpec>(spec))
      steps.push_back({std::move(edge), std::move(spec)});
  }
  return steps;
}

// What a process there gets, as the nearest RUN of the stage has it: an image's config.
Json ConfigAt(const std::vector<Step>& steps, size_t index) {
  const RunSpec* near = nullptr;
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto* run = std::get_if<RunSpec>(&steps[i].spec);
    if (run == nullptr || steps[i].edge.origin.stage != steps[index].edge.origin.stage) continue;
    if (i <= index || near == nullptr) near = run;
  }
  Json config = Json::object();
  if (near != nullptr) {
    config["Env"] = near->env;
    config["User"] = near->user;
    config["WorkingDir"] = near->workdir;
  }
  Json whole = Json::object();
  whole["config"] = std::move(config);
  return whole;
}

}  // namespace

absl::StatusOr<StepState> FindStepState(const Store& store, const std::string& directory,
                                        const std::string& place, bool before) {
  ASSIGN_OR_RETURN(const std::vector<Step> steps, ReadSteps(directory));
  const bool names_line = absl::StrContains(place, ':');
  const auto is_built = [&](const Step& step) {
    return PathExists(absl::StrCat(directory, step.edge.record));
  };
  const Step *found = nullptr, *failed = nullptr;
  std::set<std::string> stages;
  for (const Step& step : steps) {
    const StepOrigin& origin = step.edge.origin;
    stages.insert(origin.stage);
    if (names_line ? !IsStepAt(origin, place) : !absl::EqualsIgnoreCase(origin.stage, place)) continue;
    if (!names_line && failed != nullptr) continue;  // the stage has not come so far
    if (!is_built(step)) failed = &step;
    found = &step;
  }
  StepState state;
  std::vector<std::string> records;
  std::string below;  // what it is that the records hold
  if (found == nullptr) {
    if (!names_line) records = StageRecords(directory, place);
    if (records.empty()) {
      return absl::NotFoundError(
          absl::StrCat("the build has no step at ", place, "; its stages: ", absl::StrJoin(stages, ", ")));
    }
    below = absl::StrCat("what stage ", place, " is FROM");
    state.source.config = Json::object();
  } else {
    const bool after = failed == nullptr && !before;
    if (failed != nullptr && !before)
      state.note =
          absl::StrCat(StepTitle(failed->edge.origin), " has not succeeded: this is the state before it");
    for (const std::string& record : found->edge.below) records.push_back(absl::StrCat(directory, record));
    if (after) records.push_back(absl::StrCat(directory, found->edge.record));
    below = absl::StrCat("what is below ", StepTitle(found->edge.origin));
    state.source.config = ConfigAt(steps, static_cast<size_t>(found - steps.data()));
    if (const auto* run = std::get_if<RunSpec>(&found->spec)) state.run = *run;
    state.run_sources = found->edge.source;
  }
  const absl::StatusOr<Chain> chain = ReadChain(records);
  if (!chain.ok()) return absl::NotFoundError(absl::StrCat(below, " has not been built"));
  state.source.name = place;
  state.source.base = chain->base_tree;
  state.source.deltas = chain->deltas;
  ASSIGN_OR_RETURN(state.source.hidden, GapsOf(records));
  for (const Digest& delta : state.source.deltas) {
    if (!store.HasBlob(delta)) return absl::NotFoundError("the store has lost it: run gen and ninja again");
  }
  return state;
}

}  // namespace kasane
