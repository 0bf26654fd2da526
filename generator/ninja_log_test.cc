#include "generator/ninja_log.h"

#include <gtest/gtest.h>

namespace kasane {
namespace {

constexpr char kLog[] =
    "# ninja log v5\n"
    "0\t9\t100\t.kasane/stamp\tabc\n"
    "0\t9\t200\t.kasane/stamp\tabc\n"
    "0\t9\t300\tx/.kasane/stamp\tabc\n";

TEST(NinjaLogTest, TheStampIsMadeAsNewAsItIs) {
  EXPECT_EQ(NinjaLogLine(kLog, ".kasane/stamp", 250).value_or(""), "0\t0\t250\t.kasane/stamp\t0\n");
}

TEST(NinjaLogTest, NothingToSay) {
  EXPECT_FALSE(NinjaLogLine(kLog, ".kasane/stamp", 200).has_value());
  EXPECT_FALSE(NinjaLogLine(kLog, "other", 250).has_value());
  EXPECT_FALSE(
      NinjaLogLine("# ninja log v8\n0\t9\t100\t.kasane/stamp\tabc\n", ".kasane/stamp", 250).has_value());
  EXPECT_FALSE(
      NinjaLogLine("# ninja log v5\n0\t9\t100\t.kasane/stamp\tabc\n0\t9", ".kasane/stamp", 250).has_value());
  EXPECT_FALSE(NinjaLogLine("# ninja log v5\n\t.kasane/stamp\t", ".kasane/stamp", 250).has_value());
}

}  // namespace
}  // namespace kasane
