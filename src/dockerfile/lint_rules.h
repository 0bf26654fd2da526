// The checks by name: BuildKit's 22 rules (frontend 1.28) and our own.
#ifndef KASANE_SRC_DOCKERFILE_LINT_RULES_H_
#define KASANE_SRC_DOCKERFILE_LINT_RULES_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

struct LintRule {
  absl::string_view name;
  absl::string_view summary;  // what it is about, one sentence
  absl::string_view url;      // of Docker's documentation; empty: there is none
  bool experimental = false;  // off unless named by check=experimental=
  bool own = false;           // not one of BuildKit's: never fails a build
};

namespace lint {
extern const LintRule kStageNameCasing, kFromAsCasing, kNoEmptyContinuation, kConsistentInstructionCasing,
    kDuplicateStageName, kReservedStageName, kJsonArgsRecommended, kMaintainerDeprecated, kUndefinedArgInFrom,
    kWorkdirRelativePath, kUndefinedVar, kMultipleInstructionsDisallowed, kLegacyKeyValueFormat,
    kInvalidBaseImagePlatform, kRedundantTargetPlatform, kSecretsUsedInArgOrEnv, kInvalidDefaultArgInFrom,
    kFromPlatformFlagConstDisallowed, kCopyIgnoredFile, kInvalidDefinitionDescription, kExposeProtoCasing,
    kExposeInvalidFormat;
// Our own.
extern const LintRule kCopyIgnoredSource, kRunRerunsOften, kUnusedBuildArg, kIgnoredFlag, kUnknownRule;
}  // namespace lint

const std::vector<const LintRule*>& LintRules();
// Null: there is no such rule.
const LintRule* FindLintRule(absl::string_view name);

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_LINT_RULES_H_
