#include "generator/shown_figures.h"

#include <gtest/gtest.h>

#include <ctime>

namespace kasane {
namespace {

TEST(ShownFiguresTest, Sizes) {
  EXPECT_EQ(ShownSize(0), "0 bytes");
  EXPECT_EQ(ShownSize(999), "999 bytes");
  EXPECT_EQ(ShownSize(1000), "1.0 kB");
  EXPECT_EQ(ShownSize(999949), "999.9 kB");
  EXPECT_EQ(ShownSize(999950), "1.0 MB");
  EXPECT_EQ(ShownSize(2500000000000000), "2500.0 TB");
}

TEST(ShownFiguresTest, Ages) {
  EXPECT_EQ(ShownAge(0), "less than a second");
  EXPECT_EQ(ShownAge(1), "1 second");
  EXPECT_EQ(ShownAge(119), "1 minute");
  EXPECT_EQ(ShownAge(7200), "2 hours");
  EXPECT_EQ(ShownAge(int64_t{86400} * 3), "3 days");
  EXPECT_EQ(ShownAgo(std::time(nullptr) + 5), "now");
}

TEST(ShownFiguresTest, ColumnsStandBelowOneAnotherAndNoLineEndsWithBlanks) {
  EXPECT_EQ(ShownTable({{"NAME", "SIZE", "X"}, {"a", "1", ""}, {"größer", "2", "y"}}),
            "NAME    SIZE  X\na       1\ngrößer  2     y\n");
  EXPECT_EQ(ShownTable({}), "");
}

}  // namespace
}  // namespace kasane
