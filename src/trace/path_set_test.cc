#include "src/trace/path_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace kasane {
namespace {

using testing::ElementsAre;

ListFilter Suffix(const std::string& suffix) {
  ListFilter filter;
  filter.suffixes = {suffix};
  return filter;
}

std::vector<std::string> Paths(const PathSet& set) {
  std::vector<std::string> paths;
  for (const Observation& observation : set) paths.push_back(observation.path);
  return paths;
}

TEST(PathSetTest, IsSortedByComponentsAndJoinsWhatIsSaidTwice) {
  PathSet set = PathSet::FromObservations({{"a-b", fact::kType, {}},
                                           {"a/b", fact::kType, {}},
                                           {"a", fact::kMode, {}},
                                           {"a/b", fact::kContent, {}},
                                           {"", fact::kMode, {}}},
                                          {});
  EXPECT_THAT(Paths(set), ElementsAre("", "a", "a/b", "a-b"));
  auto at = set.begin();
  ++at, ++at;
  EXPECT_EQ(at->facts, fact::kType | fact::kContent);
}

TEST(PathSetTest, SurvivesEncoding) {
  PathSet set = PathSet::FromObservations({{"src", fact::kNarrow, {1, 0}},
                                           {"src/a.go", fact::kStat | fact::kContent, {}},
                                           {std::string("src/\xff\n"), fact::kAbsent, {}}},
                                          {Suffix(".go"), Suffix(".c")});
  auto decoded = PathSet::Decode(set.Encode());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->Encode(), set.Encode());
  EXPECT_EQ(decoded->size(), 3u);
  EXPECT_EQ(decoded->filters().size(), 2u);
}

TEST(PathSetTest, TheSameQuestionsAreTheSameBytes) {
  PathSet a = PathSet::FromObservations({{"d", fact::kNarrow, {0}}, {"x", fact::kType, {}}},
                                        {Suffix(".go"), Suffix(".c")});
  PathSet b = PathSet::FromObservations({{"x", fact::kType, {}}, {"d", fact::kNarrow, {1}}},
                                        {Suffix(".rs"), Suffix(".go")});
  EXPECT_EQ(a.Encode(), b.Encode());
}

TEST(PathSetTest, AllNamesCoverSomeNames) {
  PathSet set =
      PathSet::FromObservations({{"d", fact::kNarrow, {0}}, {"d", fact::kList, {}}}, {Suffix(".go")});
  EXPECT_EQ(set.begin()->facts, fact::kList);
  EXPECT_TRUE(set.filters().empty());
}

TEST(PathSetTest, IsReadAsItWasWritten) {
  std::mt19937 random(3);
  std::vector<Observation> all;
  std::string directory;
  for (int i = 0; i < 500; ++i) {
    if (i % 20 == 0) directory = "d" + std::to_string(100 + i) + "/";
    Observation observation{directory + "f" + std::to_string(1000 + i), fact::kType, {}};
    if (random() % 3 == 0) observation.facts |= fact::kContent;
    if (random() % 5 == 0) {
      observation.facts |= fact::kNarrow;
      observation.filters = {0};
      if (random() % 2) observation.filters.push_back(1);
    }
    all.push_back(observation);
  }
  const std::vector<ListFilter> filters = {Suffix(".c"), Suffix(".go")};
  PathSetWriter writer(filters);
  for (const Observation& observation : all) {
    EXPECT_TRUE(writer.Add(observation.path, observation.facts, observation.filters));
  }
  const PathSet set = std::move(writer).Finish();
  const PathSet decoded = PathSet::Decode(set.Encode()).value();
  size_t i = 0;
  for (const Observation& read : decoded) {
    ASSERT_LT(i, all.size());
    EXPECT_EQ(read.path, all[i].path);
    EXPECT_EQ(read.facts, all[i].facts);
    EXPECT_EQ(read.filters, all[i++].filters);
  }
  EXPECT_EQ(i, all.size());
  std::shuffle(all.begin(), all.end(), random);
  EXPECT_EQ(PathSet::FromObservations(all, filters).Encode(), set.Encode());
}

TEST(PathSetTest, RefusesDamage) {
  std::string bytes =
      PathSet::FromObservations({{"a", fact::kType, {}}, {"b", fact::kType, {}}}, {}).Encode();
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(PathSet::Decode(bytes.substr(0, size)).ok());
  EXPECT_FALSE(PathSet::Decode(bytes + "x").ok());
  std::string unsorted = bytes;
  std::swap(unsorted[unsorted.size() - 2], unsorted[unsorted.size() - 5]);
  EXPECT_FALSE(PathSet::Decode(unsorted).ok());
  std::string unsafe = PathSet::FromObservations({{"..", fact::kType, {}}}, {}).Encode();
  EXPECT_FALSE(PathSet::Decode(unsafe).ok());
}

}  // namespace
}  // namespace kasane
