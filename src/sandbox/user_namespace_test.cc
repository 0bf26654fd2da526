#include "src/sandbox/user_namespace.h"

#include <gtest/gtest.h>

namespace kasane {
namespace {

TEST(UserNamespace, SubordinateIdsAreFoundByNameAndNumber) {
  constexpr char kFile[] = "root:1:2\nann:100000:65536\nann:7:8\n1001:300000:10\nbad:x:1\nnone:5:0\n";
  EXPECT_EQ(FindSubordinateIds(kFile, "ann", 1000)->first, 100000u);
  EXPECT_EQ(FindSubordinateIds(kFile, "ann", 1000)->count, 65536u);
  EXPECT_EQ(FindSubordinateIds(kFile, "bob", 1001)->first, 300000u);
  for (const char* name : {"bad", "none", "an", ""})
    EXPECT_FALSE(FindSubordinateIds(kFile, name, 9).has_value());
}

}  // namespace
}  // namespace kasane
