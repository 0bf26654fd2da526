#include "src/trace/profile_file.h"

#include <gtest/gtest.h>

namespace kasane {
namespace {

std::vector<std::string> Errors(const std::string& text) {
  std::vector<ProfileRule> rules;
  std::vector<Diagnostic> diagnostics;
  std::vector<std::string> errors;
  const bool parsed = ParseProfiles(text, "p.toml", &rules, &diagnostics);
  EXPECT_EQ(parsed, diagnostics.empty());
  EXPECT_TRUE(diagnostics.empty() || rules.empty());
  for (const Diagnostic& diagnostic : diagnostics) {
    std::string error = std::to_string(diagnostic.range.line) + ":" +
                        std::to_string(diagnostic.range.column) + " " + diagnostic.message;
    if (!diagnostic.help.empty()) error += "; " + diagnostic.help;
    errors.push_back(error);
  }
  return errors;
}

TEST(ProfileFile, AllKeys) {
  std::vector<ProfileRule> rules;
  std::vector<Diagnostic> diagnostics;
  ASSERT_TRUE(ParseProfiles(R"([[profile]]
name = "x"
[profile.program]
go = ["cmd/x"]
strings = ["one", ["two", "three*"]]
lacks = ["four"]
multicall = "box"
applets = ["x", "y"]
[profile.arguments]
first = ["build"]
refuse = ["-o*"]
options = "ab"
value-options = "c"
long-options = ["--all"]
[profile.environment]
refuse = ["A=*"]
[profile.settings]
files = ["$HOME/x"]
[profile.scope]
below = "go.mod"
not-through = [".*"]
not-holding = "00"
[profile.stat]
meaning = "size"
content = [".x"]
go-headers = ["_test.x"]
programs-by-time = true
[profile.list]
hidden = ["."]
directories = true
symlinks = true
skipped-directories = ["skip"]
suffixes = [".x"]
names = ["x"]
unless-suffix = ".x"
unless-text = ["embed"]
[profile.warm]
caches = [["$A", "$HOME/a"], ["/b"]]
children = ["git"]
companions = ["sh"]
[[profile]]
name = "y"
strict = true
)",
                            "p.toml", &rules, &diagnostics));
  ASSERT_EQ(rules.size(), 2u);
  const ProfileRule& rule = rules[0];
  EXPECT_EQ(rule.name, "x");
  EXPECT_FALSE(rule.strict);
  EXPECT_EQ(rule.strings, std::vector<std::vector<std::string>>({{"one"}, {"two", "three*"}}));
  EXPECT_EQ(rule.lacking, std::vector<std::string>({"four"}));
  EXPECT_EQ(rule.applets, std::vector<std::string>({"x", "y"}));
  EXPECT_TRUE(rule.limits_options);
  EXPECT_EQ(rule.below, "go.mod");
  EXPECT_EQ(rule.stat, StatMeaning::kSize);
  EXPECT_EQ(rule.go_headers, std::vector<std::string>({"_test.x"}));
  EXPECT_TRUE(rule.programs_by_time);
  EXPECT_TRUE(rule.narrows);
  EXPECT_TRUE(rule.list.Keeps("a.x", EntryType::kFile));
  EXPECT_EQ(rule.unless_text, std::vector<std::string>({"embed"}));
  EXPECT_EQ(rule.warm_caches, std::vector<std::vector<std::string>>({{"$A", "$HOME/a"}, {"/b"}}));
  EXPECT_EQ(rule.warm_children, std::vector<std::string>({"git"}));
  EXPECT_EQ(rule.warm_companions, std::vector<std::string>({"sh"}));
  EXPECT_TRUE(rules[1].strict);
  EXPECT_FALSE(rules[1].narrows);
  EXPECT_EQ(rules[1].stat, StatMeaning::kTime);
  EXPECT_NE(EncodeProfileRule(rules[0]), EncodeProfileRule(rules[1]));
}

TEST(ProfileFile, NothingIsFine) { EXPECT_TRUE(Errors("# none\n").empty()); }

TEST(ProfileFile, Mistakes) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(Errors("[profile]\nname = \"x\"\n"),
            Lines({"1:1 `profile` is not an array of tables; write [[profile]]"}));
  EXPECT_EQ(
      Errors("[[profile]]\nname = \"x\"\n"),
      Lines({"1:1 nothing says which program this profile is for; write program.go or program.strings, or "
             "strict = true"}));
  EXPECT_EQ(Errors("[[profile]]\nstrict = true\n"), Lines({"1:1 a profile needs a name"}));
  EXPECT_EQ(Errors("[[profile]]\nname = \"x\"\nstrict = true\n[profile.argumens]\n"),
            Lines({"4:10 unknown key `argumens`; did you mean `arguments`?"}));
  EXPECT_EQ(Errors("[[profile]]\nname = \"x\"\nstrict = 1\n"),
            Lines({"3:10 `strict` must be true or false"}));
  EXPECT_EQ(Errors("[[profile]]\nname = \"x\"\nprogram.go = \"a\"\n"),
            Lines({"3:14 `go` must be a list of strings"}));
  EXPECT_EQ(Errors("[[profile]]\nname = \"x\"\nprogram.strings = [[]]\n"),
            Lines({"3:20 `strings` must be a list of strings"}));
  EXPECT_EQ(Errors("[[profile]]\nname = \"x\"\nprogram = { go = [\"a\"], applets = [\"b\"] }\n"),
            Lines({"3:11 `multicall` and `applets` belong together"}));
  EXPECT_EQ(
      Errors("[[profile]]\nname = \"x\"\nprogram.go = [\"a\"]\nenvironment.refuse = [\"[\"]\n"),
      Lines({"4:22 `refuse` holds a class that is open, empty or runs backwards; write [a-z], or [[] for a "
             "bracket"}));
  EXPECT_EQ(Errors("[[profile]]\nname = \"x\"\nprogram.go = [\"a\"]\nstat.meaning = \"level\"\n"),
            Lines({"4:16 `meaning` must be \"mode\", \"size\" or \"time\""}));
  EXPECT_EQ(Errors("[[profile]]\nname = \"x\"\nstrict = true\n[[profile]]\nname = \"x\"\nstrict = true\n"),
            Lines({"4:1 a second profile `x`"}));
  EXPECT_EQ(Errors("[[profile]]\nname = \"x\"\nprogram.go = [\"a\"]\nwarm.children = [\"b\"]\n"),
            Lines({"4:1 either `caches` or `part-of` belongs in a warm table"}));
  EXPECT_EQ(Errors("[[profile\n").size(), 1u);
}

}  // namespace
}  // namespace kasane
