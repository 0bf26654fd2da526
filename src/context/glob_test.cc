#include "src/context/glob.h"

#include <gtest/gtest.h>

namespace kasane {
namespace {

bool Matches(absl::string_view pattern, absl::string_view name) {
  return MatchGlob(pattern, name) == GlobResult::kMatch;
}

TEST(GlobTest, Stars) {
  EXPECT_TRUE(Matches("*", ""));
  EXPECT_TRUE(Matches("*", "abc"));
  EXPECT_FALSE(Matches("*", "a/b"));
  EXPECT_TRUE(Matches("a*/b*", "axx/byy"));
  EXPECT_FALSE(Matches("a*b", "a/b"));
  EXPECT_TRUE(Matches("*a*b*c*", "xxaabbcc"));
  EXPECT_FALSE(Matches("*a*b", "abx"));
  EXPECT_TRUE(Matches("**x", "ax"));
  EXPECT_TRUE(Matches("*x", "xax"));
}

TEST(GlobTest, CharactersAndClasses) {
  EXPECT_TRUE(Matches("a?c",
                      "a\xC3\xA9"
                      "c"));
  EXPECT_FALSE(Matches("a?c", "a/c"));
  EXPECT_TRUE(Matches("[a-c]x", "bx"));
  EXPECT_FALSE(Matches("[^a-c]x", "bx"));
  EXPECT_TRUE(Matches("[\\]]", "]"));
  EXPECT_TRUE(Matches("a\\*b", "a*b"));
  EXPECT_FALSE(Matches("a\\*b", "axb"));
  EXPECT_TRUE(Matches("[[]", "["));
  // Measured: BuildKit's COPY d[^q]a.txt takes d/a.txt.
  EXPECT_TRUE(Matches("d[^q]a.txt", "d/a.txt"));
}

TEST(GlobTest, BadPatternsAreBadWhereverTheName) {
  for (const char* pattern : {"[", "[]a]", "x[", "a\\", "[a", "[a-", "[^", "*[", "zz[a-]"}) {
    EXPECT_EQ(MatchGlob(pattern, "q"), GlobResult::kBadPattern) << pattern;
  }
}

TEST(GlobTest, WildcardOrNot) {
  EXPECT_TRUE(HasWildcard("a*"));
  EXPECT_TRUE(HasWildcard("[a"));
  EXPECT_FALSE(HasWildcard("a\\*b]"));
}

}  // namespace
}  // namespace kasane
