#include "src/config/variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kasane {
namespace {

using testing::ElementsAre;
using testing::Pair;

absl::optional<std::string> Value(const std::string& name) {
  if (name == "A") return std::string("a");
  if (name == "EMPTY") return std::string();
  return absl::nullopt;
}

// What comes out, with the unset names behind a bar; or the error.
std::string Expand(const std::string& text) {
  std::string out, error;
  std::vector<std::string> unset;
  if (!ExpandVariables(text, Value, &out, &unset, &error)) return error;
  for (const std::string& name : unset) out += "|" + name;
  return out;
}

TEST(Variables, Forms) {
  EXPECT_EQ(Expand("x$A-${A}$$A"), "xa-a$A");
  EXPECT_EQ(Expand("$NONE."), ".|NONE");
  EXPECT_EQ(Expand("${NONE:-d}${NONE-d}${EMPTY:-d}${EMPTY-d}${A:-d}"), "ddda");
  EXPECT_EQ(Expand("${A:+r}${EMPTY:+r}${EMPTY+r}${NONE+r}"), "rr");
  EXPECT_EQ(Expand("${NONE:-<${A}${B:-}>}"), "<a>");
  EXPECT_EQ(Expand("${A:-$NONE}${A:?must}"), "aa");
  EXPECT_EQ(Expand("${NONE:?give one}"), "variable NONE must be set: give one");
  EXPECT_EQ(Expand("${A"),
            "${A goes on with what is unknown or does not end; there are :-, -, :?, ?, :+ and +");
  EXPECT_EQ(Expand("${A:-x"), "${A does not end");
  EXPECT_EQ(Expand("5$"), "a $ stands alone; $$ is a dollar");
}

TEST(Variables, EnvFile) {
  std::map<std::string, std::string> values;
  std::string error;
  ASSERT_TRUE(
      ParseEnvFile("# c\nX=1 # one\nexport Y = 'a $X'\nZ=\"<$X>\\n\"\nE=\nW=$A#$X\n", Value, &values, &error))
      << error;
  EXPECT_THAT(values, ElementsAre(Pair("E", ""), Pair("W", "a#1"), Pair("X", "1"), Pair("Y", "a $X"),
                                  Pair("Z", "<1>\n")));
  EXPECT_FALSE(ParseEnvFile("A=1\nB", Value, &values, &error));
  EXPECT_EQ(error, "2: a line is NAME=VALUE");
  EXPECT_FALSE(ParseEnvFile("A=\"x", Value, &values, &error));
  EXPECT_EQ(error, "1: a quote does not end on its line");
}

}  // namespace
}  // namespace kasane
