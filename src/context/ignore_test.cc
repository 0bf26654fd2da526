#include "src/context/ignore.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "src/base/json.h"

namespace kasane {
namespace {

IgnoreMatcher Matcher(const std::vector<std::string>& patterns) {
  absl::StatusOr<IgnoreMatcher> matcher = IgnoreMatcher::Compile(patterns);
  EXPECT_TRUE(matcher.ok()) << matcher.status();
  return *std::move(matcher);
}

bool Ignored(const std::vector<std::string>& patterns, absl::string_view path) {
  return Matcher(patterns).MatchPath(path);
}

std::vector<std::string> Parse(absl::string_view text) {
  IgnoreFile file;
  ParseIgnoreFile(text, &file);
  return file.patterns;
}

TEST(IgnoreFileTest, CleansLines) {
  EXPECT_EQ(Parse("\xEF\xBB\xBF# comment\n  # not one \n\n /a/ \r\n./b/../c\n! /d\n!\n/\n"),
            (std::vector<std::string>{"# not one", "a", "c", "!d", "!", "/"}));
}

TEST(IgnoreFileTest, PointsAtABadPattern) {
  IgnoreFile file;
  file.path = ".dockerignore";
  ParseIgnoreFile("ok\n  a[b\n", &file);
  const absl::optional<Diagnostic> diagnostic = CheckIgnoreFile(file);
  ASSERT_TRUE(diagnostic.has_value());
  EXPECT_EQ(
      Render(*diagnostic, file.text, false),
      ".dockerignore:2:3: error: bad pattern \"a[b\": syntax error in pattern\n"
      "    a[b\n"
      "    ^~~\n"
      "  help: a character with a meaning of its own (* ? [ \\) is taken literally after a backslash\n");
  ParseIgnoreFile("!\n", &(file = IgnoreFile()));
  EXPECT_TRUE(CheckIgnoreFile(file).has_value());
}

TEST(IgnoreTest, LastMatchWins) {
  EXPECT_TRUE(Ignored({"*.md"}, "a.md"));
  EXPECT_FALSE(Ignored({"*.md"}, "d/a.md"));
  EXPECT_FALSE(Ignored({"*.md", "!README.md"}, "README.md"));
  EXPECT_TRUE(Ignored({"*.md", "!README*.md", "README-secret.md"}, "README-secret.md"));
  EXPECT_FALSE(Ignored({"*.md", "README-secret.md", "!README*.md"}, "README-secret.md"));
}

TEST(IgnoreTest, ParentsMatchForTheirChildren) {
  EXPECT_TRUE(Ignored({"a"}, "a/b/c"));
  EXPECT_FALSE(Ignored({"a"}, "ab"));
  EXPECT_TRUE(Ignored({"a", "!a/b", "a/b/c"}, "a/b/c"));
  EXPECT_FALSE(Ignored({"a", "!a/b"}, "a/b/d"));
  EXPECT_TRUE(Ignored({"abc/**"}, "abc/d/e"));
  EXPECT_FALSE(Ignored({"abc/**"}, "abc"));
}

// Measured: BuildKit's walk leaves a/b out here, though "!a" comes last.
TEST(IgnoreTest, ExceptionOfAParentThatNothingHadIgnored) { EXPECT_TRUE(Ignored({"a/b", "!a"}, "a/b")); }

TEST(IgnoreTest, DoubleStarInFrontIsASuffix) {
  EXPECT_TRUE(Ignored({"**foo"}, "dir/xfoo"));
  EXPECT_TRUE(Ignored({"**/foo"}, "foo"));
  EXPECT_FALSE(Ignored({"**/foo"}, "dir/xfoo"));
}

TEST(IgnoreTest, NamesThatAreNoUtf8) {
  EXPECT_TRUE(Ignored({"*.o"}, "\xFF.o"));
  EXPECT_TRUE(Ignored({"?.o"}, "\xFF.o"));
  EXPECT_TRUE(Ignored({"?.o"}, "\xC3\xA9.o"));
}

TEST(IgnoreTest, RefusesBadPatterns) {
  for (const char* pattern : {"!", "[", "a[", "[]a]", "a\\", "[a-]", "[-a]", "\\y*"}) {
    EXPECT_FALSE(IgnoreMatcher::Compile({pattern}).ok()) << pattern;
  }
}

TEST(IgnoreTest, PrunesWhereNoExceptionReaches) {
  EXPECT_TRUE(Matcher({"a"}).CanPrune("a"));
  EXPECT_TRUE(Matcher({"a", "!b/c"}).CanPrune("a"));
  EXPECT_FALSE(Matcher({"a", "!a/b/c"}).CanPrune("a"));
  EXPECT_FALSE(Matcher({"a", "!a/b/c"}).CanPrune("a/b"));
  EXPECT_TRUE(Matcher({"a", "!a/b/c"}).CanPrune("a/bc"));
  EXPECT_FALSE(Matcher({"a", "!a/b/**"}).CanPrune("a/b"));
  EXPECT_FALSE(Matcher({"a", "!**/keep"}).CanPrune("a"));
}

TEST(IgnoreTest, ConformanceVectors) {
  const char* directory = getenv("KASANE_CONFORMANCE");
  if (directory == nullptr) GTEST_SKIP() << "KASANE_CONFORMANCE is not set";
  std::ifstream file(std::string(directory) + "/patterns/ignore.jsonl");
  ASSERT_TRUE(file.is_open());
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    absl::StatusOr<Json> json = ParseJson(line, "vector");
    ASSERT_TRUE(json.ok());
    EXPECT_EQ(Ignored({JsonString(*json, "pattern")}, JsonString(*json, "path")), JsonBool(*json, "match"))
        << line;
  }
  EXPECT_GT(count, 30);
}

}  // namespace
}  // namespace kasane
