#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "src/dockerfile/check_options.h"
#include "src/dockerfile/lint_rules.h"
#include "src/dockerfile/lint_syntax.h"
#include "src/dockerfile/linter.h"
#include "src/dockerfile/parser.h"

namespace kasane {
namespace {

CheckOptions Options(absl::string_view text) {
  CheckOptions options;
  std::string error;
  EXPECT_TRUE(ParseCheckOptions(text, &options, &error)) << error;
  return options;
}

std::string OptionsError(absl::string_view text) {
  CheckOptions options;
  std::string error;
  EXPECT_FALSE(ParseCheckOptions(text, &options, &error)) << text;
  return error;
}

// "RULE LINE:COLUMN-COLUMN ..." of all rules that need no evaluation.
std::string Findings(absl::string_view source) {
  std::vector<Diagnostic> diagnostics;
  const auto ast = ParseDockerfile("Dockerfile", source, &diagnostics);
  if (!ast.has_value()) return diagnostics.back().message;
  CheckOptions options;
  std::string error;
  EXPECT_TRUE(ParseCheckDirective(*ast, &options, &error)) << error;
  Linter linter("Dockerfile", options, &diagnostics);
  LintLines(*ast, &linter);
  LintRuleNames(*ast, nullptr, &linter);
  for (const Instruction& in : ast->instructions) LintInstruction(in, &linter);
  LintFile(*ast, &linter);
  std::vector<std::string> out;
  for (const Diagnostic& d : diagnostics) {
    EXPECT_EQ(d.severity, Severity::kWarning);
    EXPECT_FALSE(d.help.empty()) << d.rule;
    out.push_back(absl::StrCat(d.rule, " ", d.range.line, ":", d.range.column, "-", d.range.end_column));
  }
  return absl::StrJoin(out, " ");
}

TEST(CheckOptions, Parts) {
  const CheckOptions o = Options(" skip=A, B;error=true;experimental=C");
  EXPECT_EQ(o.skip, (std::set<std::string>{"A", "B"}));
  EXPECT_TRUE(o.error);
  EXPECT_EQ(o.experimental, std::set<std::string>{"C"});
  EXPECT_TRUE(Options("skip=all").skip_all);
  EXPECT_TRUE(Options("experimental=all").experimental_all);
  EXPECT_FALSE(Options("error=0").error);
  EXPECT_FALSE(Options("").error);
}

TEST(CheckOptions, Errors) {
  EXPECT_EQ(OptionsError("skip"), "\"skip\" has no value");
  EXPECT_EQ(OptionsError("error=maybe"), "error is true or false, not \"maybe\"");
  EXPECT_EQ(OptionsError("skip=A;what=1"), "unknown option \"what\"");
}

TEST(CheckOptions, CommentsAdd) {
  const CheckOptions o =
      Options("skip=A").With({{"words", {}}, {"check=skip=B // why", {}}, {"check=skip=C", {}}});
  EXPECT_EQ(o.skip, (std::set<std::string>{"A", "B"}));
  EXPECT_TRUE(Options("skip=A").With({{"Check = skip=all", {}}}).skip_all);
  EXPECT_FALSE(Options("").With({{"check=error=true", {}}}).error);
  EXPECT_TRUE(Options("").With({{"check=nonsense", {}}, {"check=skip=B", {}}}).skip.empty());
}

TEST(LintRules, HaveNamesOfTheirOwn) {
  int of_buildkit = 0;
  for (const LintRule* rule : LintRules()) {
    EXPECT_EQ(FindLintRule(rule->name), rule);
    of_buildkit += rule->own ? 0 : 1;
  }
  EXPECT_EQ(of_buildkit, 22);
  EXPECT_EQ(FindLintRule("Nothing"), nullptr);
}

TEST(LintSyntax, Casing) {
  EXPECT_EQ(Findings("FROM a AS b\nRUN x\n"), "");
  EXPECT_EQ(Findings("FROM a as B\n"), "StageNameCasing 1:11-12 FromAsCasing 1:8-10");
  EXPECT_EQ(Findings("FROM a\nrun x\nRun y\n"),
            "ConsistentInstructionCasing 2:1-4 ConsistentInstructionCasing 3:1-4");
}

TEST(LintSyntax, Stages) {
  EXPECT_EQ(Findings("FROM a AS scratch\nFROM b AS Scratch\n"),
            "StageNameCasing 2:11-18 ReservedStageName 1:11-18 ReservedStageName 2:11-18 DuplicateStageName "
            "2:11-18");
}

TEST(LintSyntax, LinesAndWords) {
  EXPECT_EQ(Findings("FROM a\nRUN x \\\n\n y\n"), "NoEmptyContinuation 3:1-1");
  EXPECT_EQ(Findings("FROM a\nMAINTAINER me\n"), "MaintainerDeprecated 2:1-11");
  EXPECT_EQ(Findings("FROM a\nARG --x b\n"), "IgnoredFlag 2:5-8");
}

TEST(LintSyntax, SwitchedOff) {
  EXPECT_EQ(Findings("# check=skip=all\nFROM a as B\n"), "");
  EXPECT_EQ(Findings("# check=skip=StageNameCasing why\nFROM a as B\n"), "FromAsCasing 2:8-10");
  EXPECT_EQ(Findings("FROM a\n# check=skip=MaintainerDeprecated\nMAINTAINER me\n"), "");
}

TEST(LintSyntax, DescriptionsAreExperimental) {
  EXPECT_EQ(Findings("# words\nARG a\nFROM b\n"), "");
  EXPECT_EQ(Findings("# check=experimental=all\n# words\nARG a\n# b words\nFROM x AS b\n"),
            "InvalidDefinitionDescription 2:3-8");
}

TEST(LintSyntax, NamesOfRules) {
  EXPECT_EQ(Findings("# check=skip=FromAsCasing,fromcasing;error=false why=x,Y\nFROM a\n"),
            "UnknownRule 1:27-37");
  EXPECT_EQ(Findings("FROM a\n#  check = skip=Nothing ,X\nUSER a\n"), "UnknownRule 2:17-24");
  EXPECT_EQ(Findings("# check=experimental=all;skip=all\nFROM a\n"), "");
  EXPECT_EQ(Findings("# check=skip=UnknownRule,Nothing\nFROM a\n"), "");
  EXPECT_EQ(Findings("FROM a\n# check=nonsense=Nothing\nUSER a\n"), "");
}

}  // namespace
}  // namespace kasane
