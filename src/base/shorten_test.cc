#include "src/base/shorten.h"

#include <gtest/gtest.h>

namespace kasane {
namespace {

TEST(ShortenTest, WhatFitsStaysAndNoCharacterIsCut) {
  EXPECT_EQ(Shorten("", 3), "");
  EXPECT_EQ(Shorten("abcdef", 6), "abcdef");
  EXPECT_EQ(Shorten("abcdefg", 6), "abc...");
  EXPECT_EQ(Shorten("a\xc3\xb6\xc3\xb6\xc3\xb6", 6), "a\xc3\xb6...");
  EXPECT_EQ(Shorten("ab\xc3\xb6\xc3\xb6\xc3\xb6", 6), "ab...");
  EXPECT_EQ(Shorten("\xe6\x97\xa5\xe6\x9c\xac", 5), "...");
}

}  // namespace
}  // namespace kasane
