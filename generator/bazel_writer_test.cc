#include "generator/bazel_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/test_plan.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(BazelWriterTest, AnEdgeIsDataWithoutPathsOfThisMachine) {
  const Graph graph = BuildGraph(TwoStagePlan(), {{{{"main.go"}, "5a17"}}});
  const std::string text = BazelText(graph, {"gen bazel -t app", "{}\n"});
  EXPECT_THAT(text, HasSubstr("#   gen bazel -t app\nload(\"@kasane//:defs.bzl\", \"kasane_targets\")\n"));
  EXPECT_THAT(text, HasSubstr("dict(kind = \"copy\", record = \"records/build/1-copy.json\", spec = \""));
  EXPECT_THAT(text, HasSubstr("title = \"[build] COPY . .\", below = [2], files = [\"**\"]),\n"));
  EXPECT_THAT(text, HasSubstr("below = [2, 3], options = [\"--log\", \"$state/logs/build/2-run.log\"]),\n"));
  EXPECT_THAT(text, HasSubstr("_STATE = \"{}\\n\"\n"));
  EXPECT_THAT(text, Not(HasSubstr("5a17")));
  EXPECT_THAT(text, Not(HasSubstr("--console")));
}

TEST(BazelWriterTest, PatternsListAllThatAWordCanName) {
  EXPECT_THAT(GlobPatterns({"."}), ElementsAre("**"));
  EXPECT_THAT(GlobPatterns({"/lib/", "./main.go"}), ElementsAre("lib", "lib/**", "main.go", "main.go/**"));
  EXPECT_THAT(GlobPatterns({"a/*.go", "b/x?y/z"}), ElementsAre("a", "a/**", "b", "b/**"));
}

TEST(BazelWriterTest, StringsAreStarlark) {
  EXPECT_EQ(StarlarkString("a\"b\\c\nd\xc3\xa9"), "\"a\\\"b\\\\c\\nd\xc3\xa9\"");
}

}  // namespace
}  // namespace kasane
