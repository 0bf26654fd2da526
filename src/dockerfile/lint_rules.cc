#include "src/dockerfile/lint_rules.h"

#include <algorithm>

// Addresses are Docker's; see LintRule::url.
#define KASANE_RULE_URL(page) "https://docs.docker.com/go/dockerfile/rule/" page "/"

namespace kasane {
namespace lint {

const LintRule kStageNameCasing = {"StageNameCasing", "Names of stages are written in lower case",
                                   KASANE_RULE_URL("stage-name-casing")};
const LintRule kFromAsCasing = {"FromAsCasing", "AS is written in the case of its FROM",
                                KASANE_RULE_URL("from-as-casing")};
const LintRule kNoEmptyContinuation = {
    "NoEmptyContinuation", "An instruction that goes on over several lines has no empty line in it",
    KASANE_RULE_URL("no-empty-continuation")};
const LintRule kConsistentInstructionCasing = {"ConsistentInstructionCasing",
                                               "All instructions of a file are written in the same case",
                                               KASANE_RULE_URL("consistent-instruction-casing")};
const LintRule kDuplicateStageName = {"DuplicateStageName", "No two stages have the same name",
                                      KASANE_RULE_URL("duplicate-stage-name")};
const LintRule kReservedStageName = {"ReservedStageName", "No stage is called scratch or context",
                                     KASANE_RULE_URL("reserved-stage-name")};
const LintRule kJsonArgsRecommended = {
    "JSONArgsRecommended", "CMD and ENTRYPOINT are written as JSON, so that signals reach the program",
    KASANE_RULE_URL("json-args-recommended")};
const LintRule kMaintainerDeprecated = {"MaintainerDeprecated", "MAINTAINER gives way to a label",
                                        KASANE_RULE_URL("maintainer-deprecated")};
const LintRule kUndefinedArgInFrom = {"UndefinedArgInFrom", "FROM uses no variable that no ARG declares",
                                      KASANE_RULE_URL("undefined-arg-in-from")};
const LintRule kWorkdirRelativePath = {"WorkdirRelativePath",
                                       "The first WORKDIR does not depend on that of the base image",
                                       KASANE_RULE_URL("workdir-relative-path")};
const LintRule kUndefinedVar = {"UndefinedVar", "A variable is set before it is used",
                                KASANE_RULE_URL("undefined-var")};
const LintRule kMultipleInstructionsDisallowed = {
    "MultipleInstructionsDisallowed", "A stage has one CMD, one ENTRYPOINT and one HEALTHCHECK at most",
    KASANE_RULE_URL("multiple-instructions-disallowed")};
const LintRule kLegacyKeyValueFormat = {"LegacyKeyValueFormat", "ENV and LABEL are written with an '='",
                                        KASANE_RULE_URL("legacy-key-value-format")};
const LintRule kInvalidBaseImagePlatform = {"InvalidBaseImagePlatform",
                                            "The base image is of the platform that was asked for", ""};
const LintRule kRedundantTargetPlatform = {
    "RedundantTargetPlatform", "--platform=$TARGETPLATFORM is the default and need not be written",
    KASANE_RULE_URL("redundant-target-platform")};
const LintRule kSecretsUsedInArgOrEnv = {
    "SecretsUsedInArgOrEnv", "Secrets stand in no ARG and no ENV, which everybody can read in the image",
    KASANE_RULE_URL("secrets-used-in-arg-or-env")};
const LintRule kInvalidDefaultArgInFrom = {"InvalidDefaultArgInFrom",
                                           "The defaults of global ARGs give FROM a valid name",
                                           KASANE_RULE_URL("invalid-default-arg-in-from")};
const LintRule kFromPlatformFlagConstDisallowed = {"FromPlatformFlagConstDisallowed",
                                                   "FROM --platform names no fixed platform",
                                                   KASANE_RULE_URL("from-platform-flag-const-disallowed")};
const LintRule kCopyIgnoredFile = {"CopyIgnoredFile",
                                   "COPY and ADD name nothing that .dockerignore leaves out",
                                   KASANE_RULE_URL("copy-ignored-file")};
const LintRule kInvalidDefinitionDescription = {"InvalidDefinitionDescription",
                                                "A comment above ARG or FROM describes it: # NAME TEXT",
                                                KASANE_RULE_URL("invalid-definition-description"),
                                                /*experimental=*/true};
const LintRule kExposeProtoCasing = {"ExposeProtoCasing", "Protocols of EXPOSE are written in lower case",
                                     KASANE_RULE_URL("expose-proto-casing")};
const LintRule kExposeInvalidFormat = {"ExposeInvalidFormat",
                                       "EXPOSE names ports of the container, nothing else",
                                       KASANE_RULE_URL("expose-invalid-format")};

const LintRule kCopyIgnoredSource = {"CopyIgnoredSource",
                                     "No source of COPY or ADD stands for ignored files alone", "", false,
                                     /*own=*/true};
const LintRule kRunRerunsOften = {"RunRerunsOften",
                                  "A RUN reads nothing that changes without its result changing", "", false,
                                  /*own=*/true};
const LintRule kUnusedBuildArg = {"UnusedBuildArg", "Every --build-arg is declared by an ARG", "", false,
                                  /*own=*/true};
const LintRule kIgnoredFlag = {"IgnoredFlag", "ARG and STOPSIGNAL take no flags", "", false, /*own=*/true};
const LintRule kUnknownRule = {"UnknownRule", "check= names rules that there are", "", false, /*own=*/true};

}  // namespace lint

const std::vector<const LintRule*>& LintRules() {
  static const auto* const kRules = new std::vector<const LintRule*>{
      &lint::kStageNameCasing,
      &lint::kFromAsCasing,
      &lint::kNoEmptyContinuation,
      &lint::kConsistentInstructionCasing,
      &lint::kDuplicateStageName,
      &lint::kReservedStageName,
      &lint::kJsonArgsRecommended,
      &lint::kMaintainerDeprecated,
      &lint::kUndefinedArgInFrom,
      &lint::kWorkdirRelativePath,
      &lint::kUndefinedVar,
      &lint::kMultipleInstructionsDisallowed,
      &lint::kLegacyKeyValueFormat,
      &lint::kInvalidBaseImagePlatform,
      &lint::kRedundantTargetPlatform,
      &lint::kSecretsUsedInArgOrEnv,
      &lint::kInvalidDefaultArgInFrom,
      &lint::kFromPlatformFlagConstDisallowed,
      &lint::kCopyIgnoredFile,
      &lint::kInvalidDefinitionDescription,
      &lint::kExposeProtoCasing,
      &lint::kExposeInvalidFormat,
      &lint::kCopyIgnoredSource,
      &lint::kRunRerunsOften,
      &lint::kUnusedBuildArg,
      &lint::kIgnoredFlag,
      &lint::kUnknownRule,
  };
  return *kRules;
}

const LintRule* FindLintRule(absl::string_view name) {
  const std::vector<const LintRule*>& rules = LintRules();
  const auto found =
      std::find_if(rules.begin(), rules.end(), [&](const LintRule* r) { return r->name == name; });
  return found == rules.end() ? nullptr : *found;
}

}  // namespace kasane

#undef KASANE_RULE_URL
