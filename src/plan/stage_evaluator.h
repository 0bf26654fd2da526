// Evaluates one stage: instructions to steps, config and history.
#ifndef KASANE_SRC_PLAN_STAGE_EVALUATOR_H_
#define KASANE_SRC_PLAN_STAGE_EVALUATOR_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "src/dockerfile/ast.h"
#include "src/dockerfile/expand.h"
#include "src/plan/env_list.h"
#include "src/plan/image_config.h"
#include "src/plan/lint_stage.h"
#include "src/plan/mount_flag.h"
#include "src/plan/plan.h"
#include "src/plan/remote_ref.h"
#include "src/plan/report.h"
#include "src/plan/stages.h"

namespace kasane {

// What the history shows behind a step that has a layer.
inline constexpr char kFileStepSuffix[] = " # buildkit";

// What a stage hands to the stages built FROM it.
struct StageState {
  ImageConfig image;
  EnvList env;  // what RUN and expansion see: ARGs and ENV variables
  // Declared ARGs in order, with the value that they had when they were declared; for history's "|N K=V".
  std::vector<std::pair<std::string, absl::optional<std::string>>> args;
  std::vector<ImageSpec::History> history;  // new entries, of the whole chain
  int steps = 0;                            // of the whole chain
  bool has_base = false;
  bool workdir_set = false;  // a WORKDIR of the file stood in the chain
  Platform platform;
  // Of this stage alone: its ARGs, and the names that it has from above the first FROM.
  std::vector<BuildArg> own_args;
  std::set<std::string> inherited_args;
};

// The same for all stages of an evaluation.
struct EvaluationContext {
  const PlanOptions* options = nullptr;
  const std::map<std::string, std::string>* build_args = nullptr;
  const EnvList* global_args = nullptr;
  std::vector<std::string> proxy_env;
  Epoch epoch;
  char escape = '\\';
  Report* report = nullptr;
  Linter* linter = nullptr;
};

class StageEvaluator {
 public:
  // `state` is the parent's, or a fresh one of the base image; it is brought up to date by Run.
  StageEvaluator(const EvaluationContext& context, StageState* state)
      : context_(context), state_(*state), lint_(context.linter) {}

  // Adds the steps of the stage to `steps`; their source_stage is an index into StageTable::stages. False:
  // reported.
  bool Run(const Stage& stage, std::vector<PlanStep>* steps);

 private:
  bool Evaluate(const StageInstruction& in);
  bool Arg(const Instruction& in);
  bool Env(const Instruction& in);
  bool Label(const Instruction& in);
  bool CheckPlatform(const Instruction& in);
  bool RunCommand(const StageInstruction& in);
  // Parts of RunCommand (stage_run.cc). `step` gets mount_stages and source_ranges.
  bool RunFlags(const StageInstruction& in, RunSpec* spec, PlanStep* step);
  bool Mounts(const StageInstruction& in, RunSpec* spec, PlanStep* step);
  bool PlaceMount(const MountFlag& mount, const RunSpec& run, MountSpec* out);
  void AddAgentVariable(RunSpec* spec) const;
  bool Devices(const Instruction& in, RunSpec* spec);
  bool Allowed(const Flag* flag, absl::string_view entitlement);
  bool Copy(const StageInstruction& in);  // ADD too
  // Parts of Copy (stage_copy.cc).
  struct RemoteOptions;
  bool CopyOptions(const Instruction& in, CopySpec* spec);
  bool ReadRemoteOptions(const Instruction& in, RemoteOptions* options);
  bool CopySources(const Instruction& in, CopySpec* spec, std::vector<PlanRemote>* remotes,
                   std::string* shown);
  bool AddFile(const Word& word, const std::string& url, const RemoteOptions& options, CopySpec* spec,
               std::vector<PlanRemote>* remotes);
  bool AddRepository(const Word& word, const GitRef& git, RemoteOptions* options, CopySpec* spec,
                     std::vector<PlanRemote>* remotes);
  bool InlineFiles(const Instruction& in, CopySpec* spec, std::string* shown);
  bool ExpandBody(Heredoc* heredoc);
  bool Workdir(const Instruction& in);
  bool Expose(const Instruction& in);
  bool User(const Instruction& in);
  bool Volume(const Instruction& in);
  bool StopSignal(const Instruction& in);

  bool ExpandText(absl::string_view text, const SourceRange& range, std::string* out);
  bool ExpandWord(const Word& word, std::string* out) { return ExpandText(word.text, word.range, out); }
  // Keys and values, all against the variables as they are before the instruction.
  bool ExpandPairs(const Instruction& in, std::vector<std::pair<std::string, std::string>>* out);
  // The command line of RUN, CMD, ENTRYPOINT: SHELL in front of the shell form.
  std::vector<std::string> WithShell(std::string line) const;
  std::vector<std::string> CommandLine(const Instruction& in) const;
  // `resolved` against the working directory; a trailing '/' or "/." is kept.
  std::string Destination(absl::string_view path) const;

  void AddHistory(std::string created_by);
  bool AddStep(const Instruction& in, Spec spec, std::string created_by, int source = -1);

  const EvaluationContext& context_;
  StageState& state_;
  std::vector<PlanStep>* steps_ = nullptr;
  StageLinter lint_;
  bool cmd_set_ = false;  // CMD stood in this stage
};

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_STAGE_EVALUATOR_H_
