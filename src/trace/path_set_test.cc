#include "src/trace/path_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  for (const Observation& observation : set.observations()) paths.push_back(observation.path);
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
  EXPECT_EQ(set.observations()[2].facts, fact::kType | fact::kContent);
}

TEST(PathSetTest, SurvivesEncoding) {
  PathSet set = PathSet::FromObservations({{"src", fact::kNarrow, {1, 0}},
                                           {"src/a.go", fact::kStat | fact::kContent, {}},
                                           {std::string("src/\xff\n"), fact::kAbsent, {}}},
                                          {Suffix(".go"), Suffix(".c")});
  auto decoded = PathSet::Decode(set.Encode());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->Encode(), set.Encode());
  EXPECT_EQ(decoded->observations().size(), 3u);
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
  EXPECT_EQ(set.observations()[0].facts, fact::kList);
  EXPECT_TRUE(set.filters().empty());
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
