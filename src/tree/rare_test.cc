#include "src/tree/rare.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "src/tree/entry.h"

namespace kasane {
namespace {

TEST(Rare, TakesOnePointerOfAnEntry) {
  EXPECT_EQ(sizeof(RareString), sizeof(void*));
  EXPECT_EQ(sizeof(RareVector<int>), sizeof(void*));
  EXPECT_LE(sizeof(Entry), 104u);
}

TEST(Rare, EmptyIsEmptyHoweverItCameToBe) {
  const RareString never;
  RareString assigned;
  assigned = std::string();
  RareString cleared;
  cleared = "target";
  cleared.clear();
  RareString moved_from;
  moved_from = "target";
  const RareString moved = std::move(moved_from);
  const std::vector<const RareString*> all = {&never, &assigned, &cleared,
                                              &moved_from};  // NOLINT(bugprone-use-after-move)
  for (const RareString* s : all) {
    EXPECT_TRUE(s->empty());
    EXPECT_EQ(s->size(), 0u);
    EXPECT_EQ(s->get(), "");
    EXPECT_STREQ(s->c_str(), "");
    EXPECT_EQ(*s, never);
  }
  EXPECT_EQ(moved, "target");
}

TEST(Rare, CopiesAreTheirOwn) {
  RareString a;
  a = std::string("with\0nul", 8);
  RareString b = a;
  EXPECT_EQ(a, b);
  EXPECT_EQ(b.size(), 8u);
  b = "other";
  EXPECT_EQ(a, absl::string_view("with\0nul", 8));
  a = b;
  b.clear();
  EXPECT_EQ(a, "other");
  const RareString& self = a;
  a = self;
  EXPECT_EQ(a, "other");
}

TEST(Rare, ListsAreChangedInPlace) {
  RareVector<std::pair<std::string, std::string>> list;
  EXPECT_EQ(list.begin(), list.end());
  list.push_back({"b", "2"});
  list.emplace_back("a", "1");
  list.emplace_back("c", "3");
  auto copy = list;
  std::sort(list.begin(), list.end());
  EXPECT_EQ(list[0].first, "a");
  EXPECT_EQ(list[2].second, "3");
  EXPECT_FALSE(copy == list);
  list.Truncate(std::remove_if(list.begin(), list.end(), [](const auto& item) { return item.first == "b"; }));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[1].first, "c");
  list.Truncate(list.begin());
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list, decltype(list)());
}

}  // namespace
}  // namespace kasane
