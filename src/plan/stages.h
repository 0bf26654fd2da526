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

// What one --mount of a RUN reads.
struct MountSource {
  int stage = -1;       // index into StageTable::stages
  std::string context;  // or the name of a directory; empty: the main context, or nothing
  SourceRange range;    // of its `from`
};

// An instruction of a stage, and what it copies from if that is not the main context's directory.
struct StageInstruction {
  const Instruction* instruction = nullptr;
  int source = -1;                       // index into StageTable::stages
  std::string context;                   // or the name of a directory
  std::vector<MountSource> mounts = {};  // of each --mount of a RUN, in order
};

struct Stage {
  int index = 0;     // in StageTable::stages
  std::string name;  // lower case, may be empty
  SourceRange range;
  Word base;              // the image or stage named by FROM or --from, expanded; its place in the file
  int parent = -1;        // FROM another stage
  bool replaced = false;  // a context takes its place: its body means nothing
  bool implicit = false;  // made for COPY --from=IMAGE, or for a context
  const PlanContext* context = nullptr;  // implicit: it is the tree of this context, directory or files
  std::string context_name;              // of that, or of the context that is its base
  absl::optional<Platform> platform;     // FROM --platform
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
  // The context that stands for the stage or image of this name; null: none. `name` becomes its own key.
  const PlanContext* FindContext(const Platform& platform, std::string* name) const;
  bool FindStage(absl::string_view name, int* index) const;
  // The stage that has the tree of a context of files or of a directory.
  int ContextStage(const std::string& name, const PlanContext& context, const SourceRange& range);
  // The stage that is an image and nothing more. `context`: the name of the context that says so, or empty.
  int ImageStage(const std::string& image, const std::string& context, const SourceRange& range);
  // Puts the context that is called context_name in the place of a stage's base.
  bool SetBase(Stage* stage);
  bool FindContextSource(const SourceRange& range, std::string name, StageInstruction* in, bool* found);
  void FindMainContext(StageInstruction* in);
  // Fills in `source` of a COPY --from, and of what reads a main context that is no directory.
  bool FindSource(StageInstruction* instruction);
  // The stage, context or image of that name.
  bool FindNamed(const std::string& name, const SourceRange& range, StageInstruction* in);
  // Fills in `mounts` of a RUN.
  bool FindMountSources(StageInstruction* instruction);
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
  std::map<std::string, int> by_context_;   // stages of contexts
  std::deque<DockerfileAst> trigger_asts_;  // stable addresses
};

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_STAGES_H_
