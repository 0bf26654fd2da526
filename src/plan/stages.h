// The stages of a file and what they need of each other, before any instruction is evaluated.
#ifndef KASANE_SRC_PLAN_STAGES_H_
#define KASANE_SRC_PLAN_STAGES_H_

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/dockerfile/ast.h"
#include "src/oci/resolved_image.h"
#include "src/plan/env_list.h"
#include "src/plan/plan.h"
#include "src/plan/report.h"

namespace kasane {

// An instruction of a stage, and the stage it copies from (an index into StageTable::stages) or -1.
struct StageInstruction {
  const Instruction* instruction = nullptr;
  int source = -1;
};

struct Stage {
  int index = 0;     // in StageTable::stages
  std::string name;  // lower case, may be empty
  SourceRange range;
  Word base;              // the image or stage named by FROM or --from, expanded; its place in the file
  int parent = -1;        // FROM another stage
  bool implicit = false;  // made for COPY --from=IMAGE
  absl::optional<Platform> platform;  // FROM --platform
  std::vector<StageInstruction> body;
  // Set by Resolve:
  bool reached = false;
  bool scratch = false;
  absl::optional<ResolvedImage> image;
};

// What ONBUILD adds to the image's OnBuild: the trigger with the bodies of its heredocs.
std::string OnbuildText(const Instruction& onbuild);

class StageTable {
 public:
  // `global` are the variables that FROM sees. The AST and the options must outlive the table.
  StageTable(const DockerfileAst& ast, const PlanOptions& options, const EnvList& global, Report* report)
      : ast_(ast), options_(options), global_(global), report_(report) {}

  // Cuts the file into stages and finds out which of them refer to which. False: reported.
  bool Build();
  // The index of the stage to build. False: there is none such, reported.
  bool FindTarget(int* index);
  // Marks what `target` needs, resolves base images, puts ONBUILD triggers in front. False: reported;
  // `status` has the resolver's error if that was it.
  bool Resolve(int target, ImageResolver* resolver, absl::Status* status);

  // The same for all that Resolve left.
  bool ResolveAll(ImageResolver* resolver, absl::Status* status);

  const std::deque<Stage>& stages() const { return stages_; }

 private:
  bool AddStage(const Instruction& from);
  // Fills in `source` of a COPY --from.
  bool FindSource(StageInstruction* instruction);
  bool Reach(int index, ImageResolver* resolver, absl::Status* status);
  bool ResolveImage(Stage* stage, ImageResolver* resolver, absl::Status* status);
  bool AddTriggers(Stage* stage);
  bool ParseTrigger(absl::string_view text, const SourceRange& range, const Instruction** instruction);
  std::vector<std::string> StageNames() const;

  const DockerfileAst& ast_;
  const PlanOptions& options_;
  const EnvList& global_;
  Report* report_;
  std::deque<Stage> stages_;                // stable addresses: implicit stages are added at any time
  std::map<std::string, int> by_name_;      // the last stage of a name
  std::map<std::string, int> by_image_;     // implicit stages
  std::deque<DockerfileAst> trigger_asts_;  // stable addresses
};

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_STAGES_H_
