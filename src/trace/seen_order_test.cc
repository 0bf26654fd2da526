#include "src/trace/seen_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

using testing::ElementsAre;

class Seen : public SeenNode {
 public:
  Seen(const Node* node, const SeenNode* parent) : SeenNode(node, parent, 1) {}
};

// All nodes of a tree, seen.
class SeenTree {
 public:
  explicit SeenTree(const Tree& tree) : tree_(tree) {
    Add(&tree_.root(), nullptr);
    size_t next = 0;
    while (next < seen_.size()) {  // which grows
      const Seen& above = seen_[next++];
      for (const Node& child : above.node().children()) Add(&child, &above);
    }
  }
  const std::deque<Seen>& seen() const { return seen_; }

 private:
  void Add(const Node* node, const SeenNode* parent) { seen_.emplace_back(node, parent); }
  const Tree tree_;
  std::deque<Seen> seen_;
};

std::vector<std::string> Walked(std::vector<const SeenNode*> nodes) {
  std::vector<std::string> paths;
  WalkSeen(&nodes, [&](const std::string& path, const SeenNode& node) {
    EXPECT_EQ(path, node.path());
    paths.push_back(path);
  });
  return paths;
}

Tree TreeOf(std::vector<DeltaEntry> entries) { return Tree().Apply(TestDelta(std::move(entries))).value(); }

TEST(SeenOrderTest, ADirectoryComesJustBeforeWhatItHolds) {
  const SeenTree tree(TreeOf({TestFile("a-b", "1"), TestFile("a/b/c", "2"), TestFile("a/c", "3")}));
  std::vector<const SeenNode*> nodes;
  for (const Seen& node : tree.seen()) nodes.push_back(&node);
  EXPECT_THAT(Walked(nodes), ElementsAre("", "a", "a/b", "a/b/c", "a/c", "a-b"));
}

TEST(SeenOrderTest, WhatLeadsToANodeIsVisitedOnce) {
  const SeenTree tree(TreeOf({TestFile("a/b/c", "1"), TestFile("a/b/d", "2"), TestFile("e", "3")}));
  std::vector<const SeenNode*> nodes;
  for (const Seen& node : tree.seen()) {
    if (node.path() == "a/b/d" || node.path() == "a/b/c" || node.path() == "a") nodes.push_back(&node);
  }
  EXPECT_THAT(Walked(nodes), ElementsAre("", "a", "a/b", "a/b/c", "a/b/d"));
  EXPECT_THAT(Walked({}), ElementsAre());
}

// Two file systems show parts of it (frequent_files.h).
TEST(SeenOrderTest, WhatTwoHaveSeenComesAtOnePath) {
  const Tree tree = TreeOf({TestFile("a/b", "1"), TestFile("a/c", "2"), TestFile("d", "3")});
  const SeenTree one(tree), other(tree);
  std::vector<const SeenNode*> nodes;
  for (const Seen& node : one.seen()) nodes.push_back(&node);
  for (const Seen& node : other.seen()) {
    if (node.path() == "a/c") nodes.push_back(&node);
  }
  EXPECT_THAT(Walked(nodes), ElementsAre("", "", "a", "a", "a/b", "a/c", "a/c", "d"));
}

TEST(SeenOrderTest, IsTheOrderOfPaths) {
  std::mt19937 random(7);
  std::vector<DeltaEntry> entries;
  for (int i = 0; i < 300; ++i) {
    std::string path;
    for (unsigned depth = random() % 4; depth > 0; --depth)
      path += std::string(1, "abc-."[random() % 3]) + "/";
    path += "f" + std::to_string(random() % 40) + (random() % 2 ? "-" : "");
    const bool known = std::any_of(entries.begin(), entries.end(), [&](auto& e) { return e.path == path; });
    if (!known) entries.push_back(TestFile(path, "x"));
  }
  const SeenTree tree(TreeOf(entries));
  std::vector<const SeenNode*> nodes;
  std::vector<std::string> paths;
  for (const Seen& node : tree.seen()) {
    nodes.push_back(&node);
    paths.push_back(node.path());
  }
  std::shuffle(nodes.begin(), nodes.end(), random);
  std::sort(paths.begin(), paths.end(), [](const auto& a, const auto& b) { return PathLess(a, b); });
  EXPECT_EQ(Walked(nodes), paths);
}

}  // namespace
}  // namespace kasane
