// The checks that need what is known while a stage is evaluated: variables, shell, working directory.
#ifndef KASANE_SRC_PLAN_LINT_STAGE_H_
#define KASANE_SRC_PLAN_LINT_STAGE_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/dockerfile/ast.h"
#include "src/dockerfile/expand.h"
#include "src/dockerfile/linter.h"
#include "src/plan/env_list.h"
#include "src/plan/image_config.h"
#include "src/plan/plan.h"

namespace kasane {

// Where "$name" or "${name" stands in a word, if the word stands in the file byte by byte; else the word's
// range.
SourceRange PlaceOfVariable(absl::string_view text, const SourceRange& range, absl::string_view name);

// The one of the known variables that is meant, if that is likely; else empty.
std::string GuessVariable(absl::string_view name, const std::vector<std::string>& known);

// One for each stage. The functions are called while an instruction is evaluated, in the order in which
// BuildKit would find the same; Begin first.
class StageLinter {
 public:
  explicit StageLinter(Linter* linter) : linter_(linter) {}

  // MultipleInstructionsDisallowed, JSONArgsRecommended. `image` is as the instruction finds it.
  void Begin(const Instruction& in, const ImageConfig& image);
  // UndefinedVar. Names of `args`, declared or not set, are none.
  using Args = std::vector<std::pair<std::string, absl::optional<std::string>>>;
  void Undefined(const Expansion& expansion, const EnvList& env, const Args& args,
                 const std::function<SourceRange(absl::string_view name)>& place);
  // LegacyKeyValueFormat (ENV, LABEL) and SecretsUsedInArgOrEnv (ENV, ARG); `key` is expanded.
  void Pair(const KeyValue& pair, absl::string_view key);
  // WorkdirRelativePath; `path` is expanded. `is_set`: a WORKDIR stood above, in this stage or its parents.
  void Workdir(absl::string_view path, bool* is_set);
  // ExposeProtoCasing, ExposeInvalidFormat.
  void Port(absl::string_view port, const SourceRange& range);
  // CopyIgnoredFile; `source` is a local one, expanded.
  void Source(absl::string_view source, const SourceRange& range, const PlanOptions& options);

 private:
  Linter* linter_;
  const Instruction* in_ = nullptr;
  std::map<InstructionKind, const Instruction*> last_;  // CMD, ENTRYPOINT, HEALTHCHECK
};

// True if a name says that its value is a secret: one of its words, between underscores, is password, token,
// key... and none is public, file or version.
bool SoundsSecret(absl::string_view name);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_LINT_STAGE_H_
