#include "src/dockerfile/expand.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"

namespace kasane {
namespace {

// The result, or "error: ...".
std::string Try(absl::string_view word, const std::map<std::string, std::string>& env = {},
                const ExpandOptions& options = {}) {
  Expansion out;
  ExpandError error;
  const auto lookup = [&](absl::string_view name) -> absl::optional<absl::string_view> {
    auto it = env.find(std::string(name));
    if (it == env.end()) return absl::nullopt;
    return absl::string_view(it->second);
  };
  if (!Expand(word, lookup, options, &out, &error)) return absl::StrCat("error: ", error.message);
  return out.text;
}

TEST(Expand, ConformanceVectors) {
  const char* dir = std::getenv("KASANE_CONFORMANCE");
  if (dir == nullptr) GTEST_SKIP() << "KASANE_CONFORMANCE is not set";
  auto text = ReadFile(absl::StrCat(dir, "/words/expand.txt"));
  ASSERT_TRUE(text.ok()) << text.status();
  const std::map<std::string, std::string> env = {
      {"PWD", "/home"}, {"SHELL", "bash"}, {"KOREAN", "한국어"}, {"NULL", ""}};
  int tried = 0;
  for (absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, '|');
    ASSERT_EQ(parts.size(), 3u) << line;
    if (parts[0] == "W") continue;
    ++tried;
    const std::string got = Try(absl::StripAsciiWhitespace(parts[1]), env);
    const absl::string_view want = absl::StripAsciiWhitespace(parts[2]);
    if (want == "error") {
      EXPECT_EQ(got.substr(0, 7), "error: ") << line;
    } else {
      EXPECT_EQ(absl::StripAsciiWhitespace(got), want) << line;
    }
  }
  EXPECT_GT(tried, 100);
}

TEST(Expand, Patterns) {
  const std::map<std::string, std::string> env = {
      {"F", "foo.tar.gz"}, {"B", "a\\bx"}, {"N", "x\ny"}, {"D", "1.2.3"}};
  EXPECT_EQ(Try("${F%.*}", env), "foo.tar");
  EXPECT_EQ(Try("${F%%.*}", env), "foo");
  EXPECT_EQ(Try("${F#*.}", env), "tar.gz");
  EXPECT_EQ(Try("${F##*.}", env), "gz");
  EXPECT_EQ(Try("${F/o/0}", env), "f0o.tar.gz");
  EXPECT_EQ(Try("${F//o/0}", env), "f00.tar.gz");
  EXPECT_EQ(Try("${F//o?/_}", env), "f_.tar.gz");
  EXPECT_EQ(Try("${F/z*/}", env), "foo.tar.g");
  EXPECT_EQ(Try("${D//./-}", env), "1-2-3");
  EXPECT_EQ(Try("${D//?/<$F>}", env), "<foo.tar.gz><foo.tar.gz><foo.tar.gz><foo.tar.gz><foo.tar.gz>");
  EXPECT_EQ(Try("${B#'a\\b'}", env), "x");
  EXPECT_EQ(Try("${B/\"a\\b\"/y}", env), "yx");
  EXPECT_EQ(Try("${N#*y}", env), "x\ny");  // '*' does not cross a line end
  EXPECT_EQ(Try("${F#\\q}", env), "error: invalid pattern (\\q) in substitution: invalid escape '\\q'");
  EXPECT_EQ(Try("${D///-}", env), "-1-.-2-.-3-");
  EXPECT_EQ(Try("${D/\\./\\/}", env), "error: invalid pattern (\\.) in substitution: invalid escape '\\.'");
}

TEST(Expand, SubstitutionsCannotGrowWithoutEnd) {
  std::string word = "x";
  for (int i = 0; i < 20; ++i) word = absl::StrCat("${A///", word, "}");
  EXPECT_EQ(Try(word, {{"A", "12345678"}}), "error: the substitution is longer than 1048576 bytes");
}

TEST(Expand, MessagesAndOffsets) {
  EXPECT_EQ(Try("${X:?}"), "error: X: is not allowed to be unset");
  EXPECT_EQ(Try("${X:?say why}"), "error: X: say why");
  EXPECT_EQ(Try("${X?}", {{"X", ""}}), "");
  EXPECT_EQ(Try("${X:?}", {{"X", ""}}), "error: X: is not allowed to be empty");
  EXPECT_EQ(Try("${X@Q}"), "error: unsupported modifier (@) in substitution");
  Expansion out;
  ExpandError error;
  const auto none = [](absl::string_view) { return absl::optional<absl::string_view>(); };
  EXPECT_FALSE(Expand("ab${X:?}", none, {}, &out, &error));
  EXPECT_EQ(error.offset, 2u);
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "${a:-";
  EXPECT_EQ(Try(deep), "error: the word is nested too deeply");
}

TEST(Expand, Modes) {
  ExpandOptions body;
  body.plain_quotes = true;
  EXPECT_EQ(Try("it's $A \\$A", {{"A", "1"}}, body), "it's 1 $A");
  ExpandOptions raw;
  raw.keep_quotes = raw.keep_escapes = raw.keep_undefined = true;
  EXPECT_EQ(Try("\"C:\\hello\" \\$FOO ${B:0:3} $C", {}, raw), "\"C:\\hello\" \\$FOO ${B:0:3} $C");
  ExpandOptions backtick;
  backtick.escape = '`';
  EXPECT_EQ(Try("C:\\a`$b", {}, backtick), "C:\\a$b");
}

TEST(Expand, WordsAndUndefined) {
  Expansion out;
  ExpandError error;
  const auto lookup = [](absl::string_view name) {
    return name == "P" ? absl::optional<absl::string_view>("80 90") : absl::nullopt;
  };
  ASSERT_TRUE(Expand("a\"b c\"  $P $Q '' 80${Q:-80}", lookup, {}, &out, &error));
  ASSERT_EQ(out.words.size(), 4u);
  EXPECT_EQ(out.words[0].text, "ab c");
  EXPECT_EQ(out.words[0].begin, 0u);
  EXPECT_EQ(out.words[0].end, 6u);
  EXPECT_EQ(out.words[1].text, "80");
  EXPECT_EQ(out.words[2].text, "90");
  EXPECT_EQ(out.words[3].text, "80");  // as BuildKit: what stood before the braces is lost
  EXPECT_EQ(out.text.substr(out.text.size() - 4), "8080");
  EXPECT_EQ(out.undefined, (std::vector<std::string>{"Q", "Q"}));
}

}  // namespace
}  // namespace kasane
