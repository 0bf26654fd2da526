#include "generator/cmake_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/test_plan.h"

namespace kasane {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Text(const Plan& plan, const StepInputs& inputs = {}) {
  return CMakeText(BuildGraph(plan, inputs), {"/opt/my tools/gen", ".kasane", "id.0", ""}, "/b/x",
                   {"/src", "/a;b"}, "Dockerfile");
}

TEST(CMakeWriterTest, AnEdgeIsACustomCommandWithAbsolutePaths) {
  const std::string text = Text(TwoStagePlan(), {{{{"../src/main.go", "/abs/a b", "odd;name"}, "5a17"}}});
  EXPECT_THAT(text, HasSubstr("# Dockerfile:2 COPY . .\n"
                              "add_custom_command(\n"
                              "  OUTPUT\n"
                              "    \"/b/x/.kasane/records/build/1-copy.json\"\n"
                              "  DEPENDS\n"
                              "    \"/b/x/.kasane/records/build/1-copy.json.command\"\n"
                              "    \"/b/x/.kasane/records/base/golang-latest/base.json\"\n"
                              "    \"/b/src/main.go\"\n"
                              "    \"/abs/a b\"\n"
                              "  COMMAND \"/opt/my tools/gen\" \"step\" ${kasane_step_options} \"--dir\" "
                              "\"/b/x/.kasane\" \"--store\" \"id.0\" \"--salt\" \"5a17\" \"--below\" "));
  EXPECT_THAT(text, HasSubstr("  COMMENT \"[build] COPY . .\"\n  VERBATIM)\n"));
  EXPECT_THAT(text, Not(HasSubstr("--console")));
}

TEST(CMakeWriterTest, TargetsAreForTheRules) {
  const std::string text = Text(TwoStagePlan());
  EXPECT_THAT(text, HasSubstr("set(kasane_image_outputs\n"
                              "    \"/b/x/.kasane/records/image.json\"\n"
                              "    \"/b/x/.kasane/out/oci/index.json\")\n"));
  EXPECT_THAT(text, HasSubstr("\nset(kasane_push_command \"/opt/my tools/gen\" \"step\""));
  EXPECT_THAT(text, HasSubstr("set(kasane_configure_depends\n  \"/src\")\n"));
}

TEST(CMakeWriterTest, WordsMeanWhatTheySay) {
  EXPECT_EQ(CMakeWord("a \"b\" $c;\\\n"), "\"a \\\"b\\\" \\$c\\;\\\\?\"");
  EXPECT_TRUE(CMakeCanName("/a b/c-d@1.x"));
  for (const char* name : {"", "a;b", "$<x>", "a\nb", "a%b"}) EXPECT_FALSE(CMakeCanName(name)) << name;
}

}  // namespace
}  // namespace kasane
