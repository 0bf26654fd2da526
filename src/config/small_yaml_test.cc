#include "src/config/small_yaml.h"

#include <gtest/gtest.h>

#include <string>

namespace kasane {
namespace {

std::string Parse(const std::string& text) {
  absl::StatusOr<Json> json = ParseSmallYaml(text);
  return json.ok() ? DumpJson(*json) : std::string(json.status().message());
}

TEST(SmallYaml, MappingsAndSequences) {
  EXPECT_EQ(Parse("---\n# c\na: 1\nb:\n  c: x y  # c\n  d:\n  - p\n  - q: r\n    s: t#u\n  -   - n\ne:\n"),
            R"({"a":"1","b":{"c":"x y","d":["p",{"q":"r","s":"t#u"},["n"]]},"e":null})");
  EXPECT_EQ(Parse("a:\n- b\n-\n  c: d\n-\n"), R"({"a":["b",{"c":"d"},null]})");
  EXPECT_EQ(Parse("a: [x, 'y, z', \"w\"]\nb: []\nc: {}\n"), R"({"a":["x","y, z","w"],"b":[],"c":{}})");
  EXPECT_EQ(Parse(""), "null");
}

TEST(SmallYaml, Scalars) {
  EXPECT_EQ(Parse(R"(- 'it''s: #1')"
                  "\n- \"a\\tb\\u00e9: c\"\n- http://h:80/#x\n- ~\n- A=b:c\n"),
            "[\"it's: #1\",\"a\\tb\xc3\xa9: c\",\"http://h:80/#x\",null,\"A=b:c\"]");
  EXPECT_EQ(Parse("\"q k\": v\n'w': x"), R"({"q k":"v","w":"x"})");
}

TEST(SmallYaml, WhatIsNotUnderstood) {
  for (const char* text : {"a: &b c", "a: *b", "a: !!str 1", "a: |\n  text", "a: {b: c}", "a: 1\n---\nb: 2",
                           "a: [[b]]", "\"\\x41\""}) {
    EXPECT_EQ(ParseSmallYaml(text).status().code(), absl::StatusCode::kUnimplemented) << text;
  }
  EXPECT_EQ(Parse("a: 1\na: 2"), "line 2: a stands here for a second time");
  EXPECT_EQ(Parse("a: 1\n  b: 2"), "line 2: this is indented differently than what it belongs to");
  EXPECT_EQ(Parse("a:\n\tb: 2"), "line 2: a tab cannot indent");
  EXPECT_EQ(Parse("a: 1\nb"), "line 2: a key and a colon are missing");
  EXPECT_EQ(Parse("a: 'b' c"), "line 1: a quoted text does not end where it should");
  EXPECT_EQ(Parse("a: [b"), "line 1: a sequence does not end on its line");
  EXPECT_EQ(Parse("a: b: c"), "line 1: a mapping cannot begin here");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "- ";
  EXPECT_EQ(Parse(deep + "x"), "line 1: this is nested too deep");
}

}  // namespace
}  // namespace kasane
