#include "src/tree/tree_file.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "src/tree/directory.h"
#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

// Tree files by name, in memory; loaded anew each time.
class Files {
 public:
  Digest Save(const Tree& tree, size_t max_references = 8) {
    std::string bytes = EncodeTreeFile(tree, max_references).value();
    Digest name = Sha256Of(bytes);
    files_[name] = bytes;
    return name;
  }
  absl::StatusOr<std::shared_ptr<const TreeFile>> Open(const Digest& name) {
    auto bytes = std::make_shared<std::string>(files_[name]);
    return TreeFile::Open({name, *bytes, bytes, [this] { ++damages_; }},
                          [this](const Digest& reference) { return Open(reference); });
  }
  Tree Load(const Digest& name) { return Open(name).value()->tree(); }
  std::string& bytes(const Digest& name) { return files_[name]; }
  size_t references(const Digest& name) { return TreeFile::References(files_[name]).value().size(); }
  int damages() const { return damages_; }

 private:
  std::map<Digest, std::string> files_;
  std::atomic<int> damages_{0};
};

Tree Big() {
  std::vector<DeltaEntry> entries;
  for (int i = 0; i < 3000; ++i) {
    entries.push_back(TestFile(absl::StrCat("d", i % 50, "/s", i % 7, "/f", i), "x", i % 100 == 0 ? 5 : 0));
  }
  return Tree().Apply(TestDelta(std::move(entries))).value();
}

TEST(TreeFile, RoundTrip) {
  Files files;
  Tree tree = Big();
  Digest name = files.Save(tree);
  Tree loaded = files.Load(name);
  EXPECT_EQ(loaded.digest(), tree.digest());
  EXPECT_TRUE(ModelOf(loaded) == ModelOf(tree));
  EXPECT_EQ(loaded.LinkCount(loaded.Lookup("d0/s0/f0")->entry), 30u);
  EXPECT_TRUE(loaded.status().ok());
  EXPECT_EQ(files.references(name), 0u);
  EXPECT_EQ(files.Load(files.Save(Tree())).digest(), Tree().digest());
}

TEST(TreeFile, SavingCostsWhatChanged) {
  Files files;
  Digest base = files.Save(Big());
  Tree changed = files.Load(base).Apply(TestDelta({TestFile("d1/s1/f1", "y"), TestGone("d2")})).value();
  Digest small = files.Save(changed);
  EXPECT_LT(files.bytes(small).size(), 10000u);
  EXPECT_GT(files.bytes(base).size(), 150000u);
  Tree loaded = files.Load(small);
  EXPECT_EQ(loaded.digest(), changed.digest());
  EXPECT_TRUE(ModelOf(loaded) == ModelOf(changed));
  // The same tree, stored otherwise.
  Tree whole = files.Load(files.Save(changed, 0));
  EXPECT_EQ(whole.digest(), changed.digest());
}

TEST(TreeFile, ChainsOfReferencesStayShort) {
  Files files;
  Digest base = files.Save(Big());
  Digest name = base;
  Tree model = Big();
  for (int i = 0; i < 40; ++i) {
    Delta delta = TestDelta({TestFile(absl::StrCat("d", i, "/new"), "new")});
    model = model.Apply(delta).value();
    name = files.Save(files.Load(name).Apply(delta).value(), 4);
    ASSERT_LE(files.Open(name).value()->Closure().size(), 5u);
    ASSERT_LT(files.bytes(name).size(), 60000u);
  }
  EXPECT_EQ(files.Load(name).digest(), model.digest());
  EXPECT_TRUE(ModelOf(files.Load(name)) == ModelOf(model));
}

TEST(TreeFile, RandomChainsAgreeWithTheTreeInMemory) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    Files files;
    Tree tree;
    Digest name = files.Save(tree);
    for (int round = 0; round < 12; ++round) {
      Delta delta = RandomDelta(&random);
      tree = tree.Apply(delta).value();
      name = files.Save(files.Load(name).Apply(delta).value(), 3);
      Tree loaded = files.Load(name);
      ASSERT_EQ(loaded.digest(), tree.digest()) << "seed " << seed << " round " << round;
      ASSERT_TRUE(ModelOf(loaded) == ModelOf(tree));
      tree.Walk([&](const std::string&, const Node& node) {
        EXPECT_EQ(loaded.LinkCount(node.entry), tree.LinkCount(node.entry));
        return true;
      });
    }
  }
}

TEST(TreeFile, EveryDamagedByteIsNoticedOrHarmless) {
  Files files;
  Tree tree = Tree()
                  .Apply(TestDelta({TestFile("a/b/c", "x", 3), TestFile("a/d", "x", 3), TestLink("l", "a"),
                                    TestDir("a/empty"), TestFile("z")}))
                  .value();
  Digest name = files.Save(tree);
  const std::string good = files.bytes(name);
  TreeModel model = ModelOf(tree);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x21);
    files.bytes(name) = bad;
    absl::StatusOr<std::shared_ptr<const TreeFile>> file = files.Open(name);
    if (!file.ok()) continue;
    int before = files.damages();
    Tree loaded = (*file)->tree();
    TreeModel seen = ModelOf(loaded);
    uint32_t links = loaded.LinkCount(tree.Lookup("z")->entry) + loaded.LinkCount(tree.Lookup("a/d")->entry);
    if (loaded.status().ok()) {
      EXPECT_TRUE(seen == model && links == 3) << "byte " << i;
      EXPECT_EQ(files.damages(), before);
    } else {
      EXPECT_EQ(files.damages(), before + 1) << "byte " << i;
      EXPECT_FALSE(loaded.Apply(TestDelta({TestFile("n")})).ok());
      EXPECT_FALSE(EncodeTreeFile(loaded).ok());
    }
  }
  for (size_t size = 0; size < good.size(); ++size) {
    files.bytes(name) = good.substr(0, size);
    EXPECT_FALSE(files.Open(name).ok()) << size;
  }
}

TEST(TreeFile, ManyThreadsReadOneTree) {
  Files files;
  Tree tree = Big();
  Tree loaded = files.Load(files.Save(tree));
  size_t want = ModelOf(tree).size();
  std::vector<std::thread> threads;
  std::atomic<int> agree{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back(
        [&] { agree += ModelOf(loaded).size() == want && loaded.digest() == tree.digest() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(agree, 4);
}

}  // namespace
}  // namespace kasane
