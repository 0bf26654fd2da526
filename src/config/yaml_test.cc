#include "src/config/yaml.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

std::string Parse(const std::string& text) {
  Diagnostic error;
  const absl::optional<YamlNode> root = ParseYaml(text, "f.yaml", &error);
  return root.has_value() ? DumpJson(YamlToJson(*root)) : Render(error, "", false);
}

TEST(Yaml, MappingsSequencesAndScalars) {
  EXPECT_EQ(Parse("---\n# c\na: 1\nb:\n  c: x y  # c\n  d:\n  - p\n  - q: r\n    s: t#u\n  -   - n\ne:\n"),
            R"({"a":"1","b":{"c":"x y","d":["p",{"q":"r","s":"t#u"},["n"]]},"e":null})");
  EXPECT_EQ(Parse("a: [x, 'y, z', \"~\"]\nb: {c: ~}\nd: |\n  one\n  two\ne: >-\n  one\n  two\n"),
            R"({"a":["x","y, z","~"],"b":{"c":null},"d":"one\ntwo\n","e":"one two"})");
  EXPECT_EQ(Parse(""), "null");
  EXPECT_EQ(Parse("# nothing\n"), "null");
}

TEST(Yaml, AnchorsAndMergeKeys) {
  EXPECT_EQ(Parse("a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\n"),
            R"({"a":{"x":"1","y":"2"},"b":{"x":"1","y":"2"},"c":{"y":"3","x":"1"}})");
  EXPECT_EQ(Parse("a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc:\n  <<: [*a, *b]\n"),
            R"({"a":{"x":"1"},"b":{"x":"2","z":"3"},"c":{"x":"1","z":"3"}})");
  EXPECT_EQ(Parse("a: *b\n"), "f.yaml:1:4: error: there is no anchor &b above\n");
  EXPECT_EQ(Parse("a: &a x\nb: {<<: *a}\n"),
            "f.yaml:1:4: error: << takes a mapping, or a sequence of them\n");
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) absl::StrAppend(&bomb, "a", i, ": &a", i, " [*a", i - 1, ", *a", i - 1, "]\n");
  EXPECT_NE(Parse(bomb).find("there is too much in this document"), std::string::npos);
}

TEST(Yaml, EveryNodeKnowsItsPlace) {
  Diagnostic error;
  const absl::optional<YamlNode> root = ParseYaml("a:\n  \xc3\xa9: [b, 'cd']\n", "", &error);
  ASSERT_TRUE(root.has_value());
  const YamlMember& member = root->Find("a")->members[0];
  EXPECT_EQ(member.range.line, 2);
  EXPECT_EQ(member.range.column, 3);
  EXPECT_EQ(member.range.end_column, 5);
  const SourceRange& range = member.value.items[1].range;
  EXPECT_EQ(range.column, 11);  // in bytes
  EXPECT_EQ(range.end_column, 15);
}

TEST(Yaml, MistakesHaveAPlace) {
  EXPECT_EQ(Parse("\xef\xbb\xbf\xc3\xa9: 1\r\xc3\xa9: 2"),
            "f.yaml:1:10: error: `\xc3\xa9` stands here for a second time\n");  // a line ends with \n
  EXPECT_EQ(Parse("a: 1\na: 2"), "f.yaml:2:1: error: `a` stands here for a second time\n");
  EXPECT_EQ(Parse("a: 1\n---\nb: 2"),
            "f.yaml:2:1: error: a second document begins here\n  help: one is expected\n");
  EXPECT_EQ(Parse("a: !reset x"), "f.yaml:1:4: error: the tag !reset means nothing here\n");
  EXPECT_EQ(Parse("a: !!str 1"), R"({"a":"1"})");
  EXPECT_EQ(Parse("[a]: 1"), "f.yaml:1:1: error: a key must be a text\n");
  EXPECT_EQ(Parse("a: b: c"), "f.yaml:1:5: error: mapping values are not allowed in this context\n");
  EXPECT_EQ(Parse("ok\nx\xff"), "f.yaml:2:2: error: invalid leading UTF-8 octet\n");
  EXPECT_NE(Parse(std::string(300, '[')).find("this is nested too deep"), std::string::npos);
}

}  // namespace
}  // namespace kasane
