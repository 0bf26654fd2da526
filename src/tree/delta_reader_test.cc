#include "src/tree/delta_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

std::vector<size_t> Sizes(const Delta& delta, size_t least) {
  const std::string bytes = delta.Encode();
  DeltaReader reader = DeltaReader::Open(bytes).value();
  std::vector<size_t> sizes;
  while (!reader.done()) sizes.push_back(reader.Next(least).value().size());
  return sizes;
}

TEST(DeltaReader, PiecesEndWhereADirectoryDoes) {
  const Delta delta = TestDelta({TestDir("a"), TestFile("a/1"), TestFile("a/2"), TestFile("a/3"),
                                 TestFile("b/1"), TestFile("b/2"), TestFile("c")});
  EXPECT_EQ(Sizes(delta, 1), (std::vector<size_t>{4, 2, 1}));  // not between "a" and what is in it
  EXPECT_EQ(Sizes(delta, 5), (std::vector<size_t>{6, 1}));
  EXPECT_EQ(Sizes(delta, 100), (std::vector<size_t>{7}));
  EXPECT_EQ(Sizes(Delta(), 1), std::vector<size_t>());
}

TEST(DeltaReader, PiecesOneAfterAnotherAreTheDelta) {
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    const Tree below = Tree().Apply(RandomDelta(&random)).value();
    const Delta delta = RandomDelta(&random);
    const std::string bytes = delta.Encode();
    DeltaReader reader = DeltaReader::Open(bytes).value();
    Tree tree = below;
    while (!reader.done()) {
      tree = tree.Apply(Delta::FromEntries(reader.Next(1 + i % 3).value()).value()).value();
    }
    EXPECT_EQ(tree.digest(), below.Apply(delta).value().digest());
  }
}

TEST(DeltaReader, RefusesWhatIsCutOff) {
  const std::string bytes = TestDelta({TestFile("a/1"), TestFile("b/1")}).Encode();
  for (size_t size = 0; size < bytes.size(); ++size) {
    absl::StatusOr<DeltaReader> reader = DeltaReader::Open(absl::string_view(bytes).substr(0, size));
    absl::Status status = reader.status();
    while (status.ok() && !reader->done()) status = reader->Next(1).status();
    EXPECT_FALSE(status.ok()) << size;
  }
}

}  // namespace
}  // namespace kasane
