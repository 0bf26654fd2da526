#include "src/plan/frontend.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/dockerfile/parser.h"

namespace kasane {
namespace {

// What is said of a Dockerfile with this syntax directive (none: ""), built with BUILDKIT_SYNTAX=`build_arg`.
std::string Check(const std::string& syntax, const std::string& build_arg = "") {
  const std::string text = absl::StrCat(syntax.empty() ? "" : "# syntax=", syntax, "\nFROM scratch\n");
  std::vector<Diagnostic> diagnostics;
  const DockerfileAst ast = ParseDockerfile("Dockerfile", text, &diagnostics).value();
  PlanOptions options;
  if (!build_arg.empty()) options.build_args["BUILDKIT_SYNTAX"] = build_arg;
  Report report("Dockerfile", &diagnostics);
  const bool taken = CheckFrontend(ast, options, &report);
  EXPECT_EQ(taken, diagnostics.empty());
  return diagnostics.empty() ? "" : Render(diagnostics[0], text, false);
}

TEST(CheckFrontend, TakesWhatIsBuiltIn) {
  for (const char* syntax :
       {"", "docker/dockerfile", "docker/dockerfile:1", "docker/dockerfile:1.28", "docker/dockerfile:1.7.1",
        "docker/dockerfile:1.28.9", "docker/dockerfile:1.14-labs", "docker/dockerfile:labs",
        "docker/dockerfile:latest", "docker.io/docker/dockerfile:1.4", "docker/dockerfile-upstream:master",
        "docker/dockerfile:1 args of it",
        "docker/dockerfile:1.2@sha256:0123456789012345678901234567890123456789012345678901234567890123"}) {
    EXPECT_EQ(Check(syntax), "") << syntax;
  }
}

TEST(CheckFrontend, RefusesOthersAndNewerOnes) {
  EXPECT_EQ(Check("foo/bar:1"),
            "Dockerfile:1:10: error: the frontend foo/bar:1 is not supported\n  # syntax=foo/bar:1\n"
            "           ^~~~~~~~~\n  help: only docker/dockerfile is built in\n");
  EXPECT_EQ(Check("docker/dockerfile:1.29"),
            "Dockerfile:1:10: error: the frontend docker/dockerfile:1.29 is newer than the one that is built "
            "in, 1.28\n"
            "  # syntax=docker/dockerfile:1.29\n           ^~~~~~~~~~~~~~~~~~~~~~\n"
            "  help: name a lower version if the Dockerfile does without what is new\n");
  EXPECT_NE(Check("docker/dockerfile:2-labs"), "");
  EXPECT_NE(Check("example.org/docker/dockerfile:1"), "");
}

TEST(CheckFrontend, TheBuildArgumentComesFirst) {
  EXPECT_EQ(Check("foo/bar:1", "docker/dockerfile:1"), "");
  EXPECT_EQ(Check("docker/dockerfile:1", "foo/bar"),
            "error: BUILDKIT_SYNTAX: the frontend foo/bar is not supported\n  help: only docker/dockerfile "
            "is built in\n");
}

}  // namespace
}  // namespace kasane
