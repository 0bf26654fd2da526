#include "src/trace/name_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace kasane {
namespace {

TEST(NamePattern, TemporaryNames) {
  EXPECT_TRUE(FitsNamePattern("sed??????", "sedj84feU"));
  EXPECT_FALSE(FitsNamePattern("sed??????", "sedj84fe"));
  EXPECT_FALSE(FitsNamePattern("sed??????", "sedj84feUU"));
  EXPECT_TRUE(FitsNamePattern("*.tmp-[0-9a-f]*", "x.tmp-a1"));
  EXPECT_FALSE(FitsNamePattern("*.tmp-[0-9a-f]*", "x.tmp-g1"));
}

TEST(NamePattern, StarsAndClasses) {
  EXPECT_TRUE(FitsNamePattern("*", ""));
  EXPECT_TRUE(FitsNamePattern("", ""));
  EXPECT_FALSE(FitsNamePattern("", "a"));
  EXPECT_FALSE(FitsNamePattern("?", ""));
  EXPECT_TRUE(FitsNamePattern("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(FitsNamePattern("a*b*c", "a-c-b"));
  EXPECT_TRUE(FitsNamePattern("*/*", "a/b"));
  EXPECT_TRUE(FitsNamePattern("[^.]x", "ax"));
  EXPECT_FALSE(FitsNamePattern("[^.]x", ".x"));
  EXPECT_TRUE(FitsNamePattern("[*]", "*"));
  EXPECT_FALSE(FitsNamePattern("[*]", "a"));
  EXPECT_TRUE(FitsNamePattern("[[]", "["));
  EXPECT_TRUE(FitsNamePattern("[a-]", "-"));
  EXPECT_TRUE(FitsNamePattern("[\x80-\xff]", "\xc3"));
  EXPECT_TRUE(FitsNamePattern("CC=*[/.]*", "CC=/usr/bin/cc"));
  EXPECT_FALSE(FitsNamePattern("CC=*[/.]*", "CC=gcc"));
  EXPECT_FALSE(FitsNamePattern("CC=*[/.]*", "XCC=/usr/bin/cc"));
}

TEST(NamePattern, BadOnesFitNothing) {
  for (const char* pattern : {"[", "[]", "[^]", "[a", "x[b-a]", "a[^"}) {
    EXPECT_FALSE(IsNamePattern(pattern)) << pattern;
    EXPECT_FALSE(FitsNamePattern(pattern, pattern)) << pattern;
  }
  EXPECT_TRUE(IsNamePattern("a]b"));
}

TEST(NamePattern, ManyStarsTakeNoTime) {
  const std::string name(2000, 'a');
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(FitsNamePattern(pattern + "*b", name));
  EXPECT_TRUE(FitsNamePattern(pattern, name));
}

}  // namespace
}  // namespace kasane
