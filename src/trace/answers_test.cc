#include "src/trace/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "src/base/binary.h"
#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

using testing::HasSubstr;

AskedTree Asked(std::vector<DeltaEntry> entries) {
  return {Tree().Apply(TestDelta(std::move(entries))).value(), false};
}
PathSet Ask(const std::string& path, uint32_t facts) {
  return PathSet::FromObservations({{path, facts, {}}}, {});
}

// Both ways of asking; they must agree.
bool Same(const PathSet& set, const AskedTree& a, const AskedTree& b) {
  bool same = SameAnswers(set, a, b);
  EXPECT_EQ(same, Answers(set, a) == Answers(set, b));
  std::vector<Difference> differences;
  EXPECT_EQ(same, SameAnswers(set, a, b, &differences, 100));
  EXPECT_EQ(same, differences.empty());
  return same;
}

TEST(AnswersTest, EachFactSeesItsOwn) {
  AskedTree a = Asked({TestDir("d"), TestFile("d/f", "one"), TestLink("l", "d")});
  std::vector<DeltaEntry> entries = {TestDir("d"), TestFile("d/f", "two"), TestLink("l", "d/f")};
  entries[1].entry.mtime.seconds = 7;
  AskedTree b = Asked(entries);
  EXPECT_TRUE(Same(Ask("d/f", fact::kType | fact::kMode | fact::kSize), a, b));
  EXPECT_FALSE(Same(Ask("d/f", fact::kContent), a, b));
  EXPECT_FALSE(Same(Ask("d/f", fact::kTime), a, b));
  EXPECT_FALSE(Same(Ask("l", fact::kLink), a, b));
  EXPECT_FALSE(Same(Ask("l", fact::kMode), a, b));
  EXPECT_TRUE(Same(Ask("l", fact::kType), a, b));
  EXPECT_TRUE(Same(Ask("d", fact::kList), a, b));
  EXPECT_FALSE(Same(Ask("d", fact::kTree), a, b));
}

TEST(AnswersTest, AbsenceMeansADirectoryWithoutTheName) {  // soundness.md A14
  AskedTree directory = Asked({TestDir("d")}), file = Asked({TestFile("d")}), nothing = Asked({});
  AskedTree there = Asked({TestDir("d"), TestFile("d/x")});
  PathSet set = Ask("d/x", fact::kAbsent);
  EXPECT_FALSE(Same(set, directory, file));
  EXPECT_FALSE(Same(set, directory, nothing));
  EXPECT_FALSE(Same(set, directory, there));
}

TEST(AnswersTest, NarrowedListings) {
  ListFilter filter;
  filter.suffixes = {".go"};
  PathSet set = PathSet::FromObservations({{"d", fact::kNarrow, {0}}}, {filter});
  AskedTree a = Asked({TestDir("d"), TestFile("d/a.go"), TestFile("d/notes.txt")});
  EXPECT_TRUE(Same(set, a, Asked({TestDir("d"), TestFile("d/a.go")})));
  EXPECT_FALSE(Same(set, a, Asked({TestDir("d"), TestFile("d/a.go"), TestFile("d/b.go")})));
}

TEST(AnswersTest, ADirectoryShowsNoTimeAndALinkCountIsSeenFromAfar) {
  std::vector<DeltaEntry> touched = {TestDir("d")};
  touched[0].entry.mtime.seconds = 5;
  EXPECT_TRUE(Same(Ask("d", fact::kStat), Asked({TestDir("d")}), Asked(touched)));
  AskedTree two = Asked({TestFile("a/x", "l", 9), TestFile("b/x", "l", 9)});
  AskedTree three = Asked({TestFile("a/x", "l", 9), TestFile("b/x", "l", 9), TestFile("c", "l", 9)});
  EXPECT_FALSE(Same(Ask("a/x", fact::kStat), two, three));
  EXPECT_TRUE(Same(Ask("a/x", fact::kMode | fact::kContent), two, three));
}

TEST(AnswersTest, XattrsOfTheWholeTree) {
  AskedTree without = Asked({TestFile("f")}), with = without;
  with.has_xattrs = true;
  EXPECT_FALSE(Same(Ask("", fact::kNoXattrs), without, with));
  EXPECT_TRUE(Same(Ask("", fact::kMode), without, with));
}

TEST(AnswersTest, ADifferenceIsToldInWords) {
  std::vector<Difference> differences;
  AskedTree a = Asked({TestDir("d")}), b = Asked({TestDir("d"), TestFile("d/new")});
  EXPECT_FALSE(SameAnswers(Ask("d", fact::kList), a, b, &differences));
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_EQ(differences[0].path, "d");
  EXPECT_THAT(differences[0].after, HasSubstr("with new"));
}

// The plainest reading of each fact, on the plainest model of a tree.
std::string PlainAnswer(const TreeModel& model, const std::string& path, uint32_t fact) {
  std::string parent(path.rfind('/') == std::string::npos ? "" : path.substr(0, path.rfind('/')));
  auto at = model.find(path);
  bool in_directory = parent.empty() || (model.count(parent) > 0 && model.at(parent).is_directory());
  if (at == model.end()) return fact == fact::kAbsent && in_directory ? "absent" : "nothing";
  const Entry& e = at->second;
  std::string out = absl::StrCat(static_cast<int>(e.type), " ");
  switch (fact) {
    case fact::kAbsent:
      return "there";
    case fact::kMode:
      absl::StrAppend(&out, e.mode, " ", e.link_target.get());
      break;
    case fact::kSize:
      absl::StrAppend(&out, e.size);
      break;
    case fact::kTime:
      if (!e.is_directory()) {
        int links = 0;
        for (const auto& [other, entry] : model) {
          links += !entry.is_directory() && entry.link_group == e.link_group && e.link_group != 0;
        }
        absl::StrAppend(&out, e.mtime.seconds, " ", e.link_group == 0 ? 1 : links, " ", e.link_group);
      }
      break;
    case fact::kContent:
      absl::StrAppend(&out, e.content.ToHex());
      break;
    case fact::kLink:
      absl::StrAppend(&out, e.link_target.get());
      break;
    case fact::kList:
      for (const auto& [other, entry] : model) {
        if (!absl::StartsWith(other, path + "/") || other.find('/', path.size() + 1) != std::string::npos)
          continue;
        absl::StrAppend(&out, other, static_cast<int>(entry.type),
                        entry.is_directory() ? 0 : entry.link_group, " ");
      }
      break;
    default:
      break;
  }
  return out;
}

TEST(AnswersTest, AgreeWithTheModelOnRandomTrees) {
  std::mt19937 random(1);
  static const char* const kNames[] = {"a", "b", "a-b", "a.c", "z"};
  constexpr uint32_t kFacts[] = {fact::kAbsent, fact::kType,    fact::kMode, fact::kSize,
                                 fact::kTime,   fact::kContent, fact::kLink, fact::kList};
  int same_count = 0;
  for (int round = 0; round < 3000; ++round) {
    Tree before, after;
    for (uint32_t i = random() % 4; i > 0; --i) before = before.Apply(RandomDelta(&random)).value();
    after = before;
    for (uint32_t i = random() % 2; i > 0; --i) after = after.Apply(RandomDelta(&random)).value();
    TreeModel before_model = ModelOf(before), after_model = ModelOf(after);
    std::vector<Observation> observations;
    bool expected = true;
    for (uint32_t i = 1 + random() % 4; i > 0; --i) {
      std::string path = kNames[random() % 5];
      for (uint32_t depth = random() % 3; depth > 0; --depth)
        absl::StrAppend(&path, "/", kNames[random() % 5]);
      uint32_t fact = kFacts[random() % 8];
      expected &= PlainAnswer(before_model, path, fact) == PlainAnswer(after_model, path, fact);
      observations.push_back({path, fact, {}});
    }
    PathSet set = PathSet::FromObservations(observations, {});
    ASSERT_EQ(Same(set, {before, false}, {after, false}), expected) << "round " << round;
    same_count += expected;
  }
  EXPECT_GT(same_count, 300);
  EXPECT_LT(same_count, 2700);
}

// soundness.md B3: of a Go file that is not compiled the header counts, and all of it if that cannot be read.
TEST(AnswersTest, GoHeaders) {
  std::map<Digest, std::string> contents;
  const auto asked = [&](const std::string& content, bool readable) {
    contents[Sha256Of(content)] = content;
    AskedTree tree = Asked({TestFile("x_test.go", content)});
    if (readable) tree.read = [&](const Node& file) { return contents.at(file.entry.content); };
    return tree;
  };
  const PathSet set = Ask("x_test.go", fact::kGoHeader);
  EXPECT_TRUE(Same(set, asked("package p\nvar a", true), asked("package p\nvar b", true)));
  EXPECT_FALSE(Same(set, asked("package p\nvar a", true), asked("package q\nvar a", true)));
  EXPECT_FALSE(Same(set, asked("no Go 1", true), asked("no Go 2", true)));
  EXPECT_FALSE(Same(set, asked("package p\nvar a", false), asked("package p\nvar b", false)));
  EXPECT_TRUE(Same(set, asked("package p\nvar a", false), asked("package p\nvar a", false)));
  EXPECT_FALSE(Same(set, asked("package p\nvar a", true), Asked({})));
}

TEST(AnswersTest, LevelOneTellsEmptyFiles) {
  const PathSet set = Ask("f", fact::kMode);
  EXPECT_TRUE(Same(set, Asked({TestFile("f", "a")}), Asked({TestFile("f", "bb")})));
  EXPECT_FALSE(Same(set, Asked({TestFile("f", "a")}), Asked({TestFile("f", "")})));
}

}  // namespace
}  // namespace kasane
