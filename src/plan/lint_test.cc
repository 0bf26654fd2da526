#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "src/dockerfile/parser.h"
#include "src/plan/evaluate.h"
#include "src/plan/lint_stage.h"
#include "src/plan/ports.h"

namespace kasane {
namespace {

class NoImages : public ImageResolver {
 public:
  absl::StatusOr<ResolvedImage> Resolve(const Reference& reference, const Platform&) override {
    return absl::NotFoundError(absl::StrCat(reference.ToString(), ": not found"));
  }
};

// What the checks find, as "RULE LINE:COLUMN-COLUMN", or the error.
std::string Findings(absl::string_view source, PlanOptions options = {}) {
  std::vector<Diagnostic> diagnostics;
  const auto ast = ParseDockerfile("Dockerfile", source, &diagnostics);
  if (!ast.has_value()) return diagnostics.back().message;
  NoImages resolver;
  options.all_stages = true;
  (void)Evaluate(*ast, options, &resolver, &diagnostics);
  std::vector<std::string> out;
  for (const Diagnostic& d : diagnostics) {
    const std::string place = absl::StrCat(" ", d.range.line, ":", d.range.column, "-", d.range.end_column);
    out.push_back(d.severity == Severity::kWarning ? absl::StrCat(d.rule, place) : d.message);
    EXPECT_TRUE(d.severity == Severity::kError || !d.help.empty()) << d.rule;
  }
  return absl::StrJoin(out, ", ");
}

TEST(LintStage, VariablesHaveTheirPlace) {
  EXPECT_EQ(Findings("FROM scratch\nENV a=1 b=x${abc}y\n"), "UndefinedVar 2:12-17");
  EXPECT_EQ(Findings("FROM scratch\nCOPY --chown=$abc a /b\n"), "UndefinedVar 2:14-18");
  EXPECT_EQ(Findings("FROM scratch\nCOPY <<E /b\none\ntwo $abc\nE\n"), "UndefinedVar 4:6-9");
  EXPECT_EQ(Findings("FROM scratch\nARG abc\nENV b=$abc\n"), "");
}

TEST(LintStage, GuessesNamesThatAreLongEnough) {
  EXPECT_EQ(GuessVariable("PAHT", {"HOME", "PATH"}), "PATH");
  EXPECT_EQ(GuessVariable("b", {"a"}), "");
}

TEST(LintStage, StagesThatAreNotNeeded) {
  EXPECT_EQ(Findings("FROM scratch\nENV a b\nFROM scratch\nENV c d\n"),
            "LegacyKeyValueFormat 2:5-8, LegacyKeyValueFormat 4:5-8");
}

TEST(LintStage, IgnoredSources) {
  PlanOptions options;
  options.is_ignored = [](const std::string& path) { return path == "a"; };
  EXPECT_EQ(Findings("FROM scratch\nCOPY ./a b /c/\nADD a <<a /c/\na\n", options),
            "CopyIgnoredFile 2:6-9, CopyIgnoredFile 3:5-6");
}

TEST(LintStage, ErrorOfTheDirective) {
  EXPECT_EQ(Findings("# check=error=true\nFROM scratch\nENV a b\n"),
            "LegacyKeyValueFormat 3:5-8, not built, for it breaks LegacyKeyValueFormat");
  EXPECT_EQ(Findings("# check=error=true\nFROM scratch\nARG --x a\n"), "IgnoredFlag 3:5-8");
  EXPECT_EQ(Findings("# check=eror=true\nFROM scratch\n"),
            "invalid check directive: unknown option \"eror\"");
  PlanOptions options;
  options.build_args["BUILDKIT_DOCKERFILE_CHECK"] = "skip=all";
  EXPECT_EQ(Findings("# check=error=true\nFROM scratch\nENV a b\n", options), "");
}

TEST(LintFrom, Platforms) {
  EXPECT_EQ(Findings("FROM --platform=$TARGETPLATFORM scratch\n"), "RedundantTargetPlatform 1:6-32");
  EXPECT_EQ(Findings("FROM --platform=linux/amd64 scratch\n"), "FromPlatformFlagConstDisallowed 1:6-28");
  EXPECT_EQ(Findings("FROM --platform=linux/amd64 scratch AS amd64\n"), "");
}

TEST(SoundsSecret, Words) {
  EXPECT_TRUE(SoundsSecret("API_TOKEN"));
  EXPECT_TRUE(SoundsSecret("passwd"));
  EXPECT_TRUE(SoundsSecret("a__key"));
  EXPECT_FALSE(SoundsSecret("KEYBOARD"));
  EXPECT_FALSE(SoundsSecret("public_key"));
  EXPECT_FALSE(SoundsSecret("TOKEN_FILE"));
}

TEST(SplitPort, Parts) {
  const PortParts p = SplitPort("[::1]:80:8080-90/TCP");
  EXPECT_EQ(p.ip, "[::1]");
  EXPECT_EQ(p.host, "80");
  EXPECT_EQ(p.range, "8080-90");
  EXPECT_EQ(p.proto, "TCP");
  EXPECT_EQ(SplitPort("80").range, "80");
  EXPECT_EQ(SplitPort("1:80").host, "1");
}

}  // namespace
}  // namespace kasane
