#include "src/tree/tree.h"

#include <gtest/gtest.h>

#include <map>

#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

Tree Make(std::vector<DeltaEntry> entries) { return Tree().Apply(TestDelta(std::move(entries))).value(); }

Tree Then(const Tree& tree, std::vector<DeltaEntry> entries) {
  return tree.Apply(TestDelta(std::move(entries))).value();
}

std::string Names(const Tree& tree) {
  std::string out;
  tree.Walk([&](const std::string& path, const Node& node) {
    if (!path.empty()) absl::StrAppend(&out, path, node.entry.is_directory() ? "/ " : " ");
    return true;
  });
  return out;
}

TEST(Tree, EmptyTree) {
  Tree tree;
  EXPECT_EQ(tree.root().entry.mode, 0755u);
  EXPECT_TRUE(tree.root().entry.is_directory());
  EXPECT_EQ(tree.Lookup(""), &tree.root());
  EXPECT_EQ(tree.Lookup("."), &tree.root());
  EXPECT_EQ(tree.Lookup("a"), nullptr);
  EXPECT_EQ(tree.digest(), Tree().digest());
  EXPECT_TRUE(tree.status().ok());
}

TEST(Tree, LookupFollowsNothing) {
  Tree tree = Make({TestDir("d"), TestFile("d/f"), TestLink("l", "d"), TestFile("d-e")});
  ASSERT_NE(tree.Lookup("d/f"), nullptr);
  EXPECT_EQ(tree.Lookup("d/f")->entry.size, 1u);
  EXPECT_EQ(tree.Lookup("/d/./f"), tree.Lookup("d/f"));
  EXPECT_EQ(tree.Lookup("l/f"), nullptr);
  EXPECT_EQ(tree.Lookup("d/f/g"), nullptr);
  EXPECT_EQ(tree.Lookup("d/.."), nullptr);
  EXPECT_EQ(Names(tree), "d/ d/f d-e l ");
}

TEST(Tree, WhatReplacesWhat) {
  Tree tree = Make({TestDir("d"), TestFile("d/f"), TestFile("f"), TestLink("l", "d")});
  EXPECT_EQ(Names(Then(tree, {TestFile("d")})), "d f l ");
  EXPECT_EQ(Names(Then(tree, {TestDir("f")})), "d/ d/f f/ l ");
  EXPECT_EQ(Names(Then(tree, {TestDir("d", 0700)})), "d/ d/f f l ");
  EXPECT_EQ(Then(tree, {TestDir("d", 0700)}).Lookup("d")->entry.mode, 0700u);
  EXPECT_EQ(Names(Then(tree, {TestOpaque("d"), TestFile("d/g")})), "d/ d/g f l ");
  EXPECT_EQ(Names(Then(tree, {TestGone("d")})), "f l ");
  EXPECT_EQ(Names(Then(tree, {TestGone("d"), TestFile("d/g")})), "d/ d/g f l ");
  EXPECT_EQ(Names(Then(tree, {TestGone("d/f"), TestGone("f")})), "d/ l ");
  EXPECT_EQ(Names(Then(tree, {TestFile("l/x")})), "d/ d/f f l/ l/x ");
}

TEST(Tree, WhiteoutOfWhatIsNotThereChangesNothing) {
  Tree tree = Make({TestFile("f"), TestDir("d")});
  Tree same =
      Then(tree, {TestGone("x"), TestGone("x/y"), TestGone("n/m"), TestGone("f/g"), TestGone("d/e/f")});
  EXPECT_EQ(same.digest(), tree.digest());
  EXPECT_EQ(same.root().directory, tree.root().directory);
}

TEST(Tree, MissingParentsAreMade) {
  DeltaEntry file = TestFile("a/b/c");
  file.entry.mtime = {77, 5};
  Tree tree = Make({TestGone("a/b/a"), file});
  EXPECT_EQ(Names(tree), "a/ a/b/ a/b/c ");
  EXPECT_EQ(tree.Lookup("a/b")->entry.mode, 0755u);
  EXPECT_EQ(tree.Lookup("a/b")->entry.mtime, file.entry.mtime);
}

TEST(Tree, ImpliedDirectoriesChangeNothingButAreMadeWhereMissing) {
  Tree tree = Make({TestDir("d", 0711)});
  Tree next = Then(tree, {TestImplied("d"), TestFile("d/f"), TestImplied("e")});
  EXPECT_EQ(next.Lookup("d")->entry.mode, 0711u);
  EXPECT_EQ(next.Lookup("e")->entry.mode, 0700u);
  DeltaEntry root = TestImplied("");
  EXPECT_EQ(Then(tree, {root}).root().entry.mode, 0755u);
}

TEST(Tree, TheRootCanBeChangedAndOpaque) {
  Tree tree = Make({TestFile("f")});
  EXPECT_EQ(Then(tree, {TestDir("", 01777)}).root().entry.mode, 01777u);
  EXPECT_NE(Then(tree, {TestDir("", 01777)}).digest(), tree.digest());
  EXPECT_EQ(Names(Then(tree, {TestOpaque(""), TestFile("g")})), "g ");
  EXPECT_EQ(Names(Then(tree, {TestOpaque("")})), "");
}

TEST(Tree, AnEntryBelowAFileOfTheSameDeltaIsRefused) {
  EXPECT_FALSE(Tree().Apply(TestDelta({TestFile("a"), TestFile("a/b")})).ok());
}

TEST(Tree, UnchangedDirectoriesAreShared) {
  Tree tree = Make({TestFile("a/x/f"), TestFile("b/y/f"), TestFile("c/f")});
  Tree next = Then(tree, {TestFile("a/g"), TestDir("c"), TestFile("c/f")});
  EXPECT_NE(next.Lookup("a")->directory, tree.Lookup("a")->directory);
  EXPECT_EQ(next.Lookup("a/x")->directory, tree.Lookup("a/x")->directory);
  EXPECT_EQ(next.Lookup("b")->directory, tree.Lookup("b")->directory);
  EXPECT_EQ(next.Lookup("c")->directory, tree.Lookup("c")->directory);
}

TEST(Tree, WalkCanSkip) {
  Tree tree = Make({TestFile("a/x/f"), TestFile("b")});
  std::string seen;
  tree.Walk([&](const std::string& path, const Node&) {
    absl::StrAppend(&seen, "[", path, "]");
    return path != "a";
  });
  EXPECT_EQ(seen, "[][a][b]");
}

TEST(Tree, DigestSeesEveryField) {
  auto digest = [](const DeltaEntry& e) { return Make({e}).digest(); };
  DeltaEntry base = TestFile("f");
  std::vector<DeltaEntry> others(6, base);
  others[0].entry.mode = 0600;
  others[1].entry.uid = 1;
  others[2].entry.mtime.nanoseconds = 1;
  others[3].entry.xattrs = {{"user.a", "b"}};
  others[4].entry.link_group = 5;
  others[5].path = "g";
  for (const DeltaEntry& other : others) EXPECT_NE(digest(other), digest(base));
}

TEST(Tree, LinkCounts) {
  Tree tree =
      Make({TestFile("a", "x", 7), TestFile("d/b", "x", 7), TestFile("d/e/c", "x", 7), TestFile("f")});
  auto count = [](const Tree& t, const char* path) { return t.LinkCount(t.Lookup(path)->entry); };
  EXPECT_EQ(count(tree, "a"), 3u);
  EXPECT_EQ(count(tree, "f"), 1u);
  EXPECT_EQ(count(Then(tree, {TestFile("a", "y")}), "d/b"), 2u);
  EXPECT_EQ(count(Then(tree, {TestGone("d")}), "a"), 1u);
  EXPECT_EQ(count(Then(tree, {TestOpaque("d"), TestFile("d/g", "x", 7)}), "a"), 2u);
  EXPECT_EQ(count(Then(tree, {TestFile("d")}), "a"), 1u);
  EXPECT_EQ(count(Then(tree, {TestFile("a", "x", 7)}), "a"), 3u);
  EXPECT_EQ(count(Then(tree, {TestOpaque(""), TestFile("z", "x", 7)}), "z"), 1u);
  EXPECT_EQ(count(tree, "a"), 3u);
}

TEST(Tree, Resolve) {
  Tree tree = Make({TestFile("usr/lib/x"), TestLink("lib", "usr/lib"), TestLink("usr/abs", "/lib/x"),
                    TestLink("up", "../../../usr"), TestLink("loop", "loop2"), TestLink("loop2", "/loop"),
                    TestLink("dangling", "usr/new/file"), TestLink("usr/lib/back", "../..")});
  auto resolve = [&](const char* path) { return tree.Resolve(path).value_or("ERROR"); };
  EXPECT_EQ(resolve(""), "");
  EXPECT_EQ(resolve("/"), "");
  EXPECT_EQ(resolve("../.."), "");
  EXPECT_EQ(resolve("/lib/x"), "usr/lib/x");
  EXPECT_EQ(resolve("lib/../y"), "usr/y");
  EXPECT_EQ(resolve("usr/abs"), "usr/lib/x");
  EXPECT_EQ(resolve("up/lib/x"), "usr/lib/x");
  EXPECT_EQ(resolve("lib/back/lib"), "usr/lib");
  EXPECT_EQ(resolve("lib/a/b"), "usr/lib/a/b");
  EXPECT_EQ(resolve("lib/a/../../x"), "usr/x");
  EXPECT_EQ(resolve("new/../lib/x"), "usr/lib/x");
  EXPECT_EQ(resolve("dangling"), "usr/new/file");
  EXPECT_EQ(resolve("loop"), "ERROR");
  EXPECT_EQ(resolve("lib/x/y"), "ERROR");
  EXPECT_EQ(resolve("lib/x/.."), "ERROR");
  EXPECT_EQ(tree.Resolve("usr/abs", false).value(), "usr/abs");
  EXPECT_EQ(tree.Resolve("lib/abs", false).value(), "usr/lib/abs");
  EXPECT_EQ(tree.Resolve("lib", false).value(), "lib");
  EXPECT_EQ(tree.Resolve("lib/", false).value(), "usr/lib");
}

TEST(Tree, RandomDeltasAgreeWithTheModel) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    Tree tree;
    TreeModel model;
    for (int round = 0; round < 12; ++round) {
      Delta delta = RandomDelta(&random);
      Tree before = tree;
      Digest before_digest = before.digest();
      tree = tree.Apply(delta).value();
      ApplyToModel(delta, &model);
      ASSERT_TRUE(ModelOf(tree) == model) << "seed " << seed << " round " << round;
      ASSERT_EQ(before.digest(), before_digest);
      Tree fresh = Tree().Apply(DeltaOf(model)).value();
      ASSERT_EQ(tree.digest(), fresh.digest()) << "seed " << seed << " round " << round;
      std::map<uint64_t, uint32_t> links;
      for (const auto& [path, entry] : model) ++links[entry.link_group];
      for (const auto& [path, entry] : model) {
        if (entry.link_group == 0) continue;
        ASSERT_EQ(tree.LinkCount(entry), links[entry.link_group]) << "seed " << seed << " round " << round;
      }
    }
  }
}

}  // namespace
}  // namespace kasane
