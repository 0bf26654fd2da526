#include "generator/stats.h"

#include <gtest/gtest.h>

namespace kasane {
namespace {

TEST(Stats, WhatLiesInAnotherIsIndented) {
  const std::vector<Stretch> stretches = {{"gen", 0, 2000000, 1500000, -1, ""},
                                          {"scan", 100, 500000, 900000, 7, "files"},
                                          {"write", 500100, 1, 1, -1, ""}};
  EXPECT_EQ(StatsText(stretches),
            "                                       seconds       CPU\n"
            "gen                                     2.0000    1.5000\n"
            "  scan                                  0.5000    0.9000  7 files\n"
            "  write                                 0.0000    0.0000\n");
}

}  // namespace
}  // namespace kasane
