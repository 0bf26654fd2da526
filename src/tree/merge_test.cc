#include "src/tree/merge.h"

#include <gtest/gtest.h>

#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

TEST(MergeTest, WhatWasMadeAndRemovedIsGone) {
  const Tree below = *Tree().Apply(TestDelta({TestDir("d"), TestFile("d/old")}));
  const Delta merged = *MergeDeltas(
      below, {TestDelta({TestDir("d"), TestFile("d/new"), TestFile("e")}),
              TestDelta({TestImplied("d"), TestGone("d/new"), TestGone("d/old"), TestFile("e", "2")})});
  ASSERT_EQ(merged.entries().size(), 3u);
  EXPECT_FALSE(merged.entries()[0].implied);
  EXPECT_EQ(merged.entries()[1].path, "d/old");
  EXPECT_TRUE(merged.entries()[1].whiteout);
  EXPECT_EQ(merged.entries()[2].entry.content, Sha256Of("2"));
}

TEST(MergeTest, WhatWasRemovedDoesNotShineThrough) {
  const Tree below = *Tree().Apply(TestDelta({TestDir("d"), TestFile("d/old")}));
  const Delta merged =
      *MergeDeltas(below, {TestDelta({TestGone("d")}), TestDelta({TestDir("d"), TestFile("d/new")})});
  EXPECT_EQ(below.Apply(merged)->Lookup("d/old"), nullptr);
}

TEST(MergeTest, OneAfterTheOtherAndMergedAreTheSame) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    Tree below = *Tree().Apply(RandomDelta(&random));
    below = *below.Apply(RandomDelta(&random));
    std::vector<Delta> deltas;
    Tree expected = below;
    for (int i = 0; i < 3; ++i) {
      deltas.push_back(RandomDelta(&random));
      expected = *expected.Apply(deltas.back());
    }
    const absl::StatusOr<Delta> merged = MergeDeltas(below, deltas);
    ASSERT_TRUE(merged.ok()) << merged.status();
    ASSERT_EQ(below.Apply(*merged)->digest(), expected.digest()) << "round " << round;
  }
}

}  // namespace
}  // namespace kasane
