#include "src/store/tree_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

class TreeStoreTest : public testing::Test {
 protected:
  TreeStoreTest() {
    char path[] = "/tmp/kasane-trees-XXXXXX";
    root_ = mkdtemp(path);
    store_ = Store::Open(root_ + "/store").value();
  }
  ~TreeStoreTest() override {
    store_.reset();
    RemoveTree(root_).IgnoreError();
  }
  Digest Save(std::vector<DeltaEntry> entries) {
    return SaveDelta(store_.get(), TestDelta(std::move(entries))).value();
  }
  Digest SaveMany(int count, const std::string& folder) {
    std::vector<DeltaEntry> entries;
    for (int i = 0; i < count; ++i) entries.push_back(TestFile(absl::StrCat(folder, "/d", i % 20, "/f", i)));
    return Save(std::move(entries));
  }
  size_t Blobs() {
    size_t count = 0;
    FILE* pipe = popen(absl::StrCat("find '", root_, "/store/blobs' -type f | wc -l").c_str(), "r");
    EXPECT_EQ(fscanf(pipe, "%zu", &count), 1);
    pclose(pipe);
    return count;
  }
  void Damage(const Digest& blob, size_t at) {
    std::string path = store_->LooseBlobPath(blob).value();
    std::string bytes = ReadFile(path).value();
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    ASSERT_TRUE(WriteFileAtomic(path, bytes).ok());
  }

  std::string root_;
  std::unique_ptr<Store> store_;
};

TEST_F(TreeStoreTest, DeltasAndTreesRoundTrip) {
  Delta delta = TestDelta({TestFile("a/b"), TestGone("c")});
  EXPECT_EQ(LoadDelta(*store_, SaveDelta(store_.get(), delta).value()).value().Encode(), delta.Encode());
  Tree tree = Tree().Apply(delta).value();
  Tree loaded = LoadTree(*store_, SaveTree(store_.get(), tree).value()).value();
  EXPECT_EQ(loaded.digest(), tree.digest());
  EXPECT_TRUE(absl::IsNotFound(LoadTree(*store_, Sha256Of("none")).status()));
  EXPECT_TRUE(absl::IsNotFound(LoadDelta(*store_, Sha256Of("none")).status()));
  // A tree outlives the store that it came from.
  Tree again = LoadTree(*store_, SaveTree(store_.get(), tree).value()).value();
  store_.reset();
  EXPECT_NE(again.Lookup("a/b"), nullptr);
  EXPECT_TRUE(again.status().ok());
}

TEST_F(TreeStoreTest, ComposeTreeAgreesWithApply) {
  std::mt19937 random(7);
  for (int chain = 0; chain < 20; ++chain) {
    Tree tree;
    std::vector<Digest> deltas;
    Digest base;
    if (chain % 2 == 1) {
      tree = Tree().Apply(RandomDelta(&random)).value();
      base = SaveTree(store_.get(), tree).value();
    }
    for (int i = 0; i < 6; ++i) {
      Delta delta = RandomDelta(&random);
      deltas.push_back(SaveDelta(store_.get(), delta).value());
      tree = tree.Apply(delta).value();
      ASSERT_EQ(ComposeTree(store_.get(), base, deltas).value().digest(), tree.digest());
    }
  }
}

TEST_F(TreeStoreTest, LongChainsAreRememberedAndShortOnesAreNot) {
  Digest base = SaveTree(store_.get(), Tree().Apply(TestDelta({TestFile("base")})).value()).value();
  std::vector<Digest> deltas = {Save({TestFile("small")})};
  size_t before = Blobs();
  ASSERT_TRUE(ComposeTree(store_.get(), base, deltas).ok());
  EXPECT_EQ(Blobs(), before);
  deltas.push_back(SaveMany(3000, "big"));
  Tree tree = ComposeTree(store_.get(), base, deltas).value();
  EXPECT_EQ(Blobs(), before + 2);
  // Found again: the deltas are not even read.
  ASSERT_EQ(unlink(store_->LooseBlobPath(deltas[0]).value().c_str()), 0);
  EXPECT_EQ(ComposeTree(store_.get(), base, deltas).value().digest(), tree.digest());
  deltas.push_back(Save({TestFile("top")}));
  EXPECT_NE(ComposeTree(store_.get(), base, deltas).value().Lookup("top"), nullptr);
  std::vector<Digest> other = {deltas[2]};
  EXPECT_EQ(ComposeTree(store_.get(), base, other).value().Lookup("big"), nullptr);
}

TEST_F(TreeStoreTest, DamagedComposedTreesAreMadeAgain) {
  std::vector<Digest> deltas = {SaveMany(3000, "big")};
  Tree tree = ComposeTree(store_.get(), Digest(), deltas).value();
  Digest file = SaveTree(store_.get(), tree).value();  // the bytes that ComposeTree saved
  size_t size = store_->ReadBlob(file).value().size();
  std::string identity = Store::ReadIdentity(store_->directory());
  Damage(file, size - 1);
  EXPECT_EQ(ComposeTree(store_.get(), Digest(), deltas).value().digest(), tree.digest());
  // In a directory, far from the head: met late, reported, gone the next time.
  Damage(file, 50);
  Tree damaged = ComposeTree(store_.get(), Digest(), deltas).value();
  EXPECT_LT(ModelOf(damaged).size(), ModelOf(tree).size());
  EXPECT_TRUE(absl::IsDataLoss(damaged.status()));
  EXPECT_FALSE(store_->HasBlob(file));
  EXPECT_NE(Store::ReadIdentity(store_->directory()), identity);
  EXPECT_TRUE(ModelOf(ComposeTree(store_.get(), Digest(), deltas).value()) == ModelOf(tree));
}

TEST_F(TreeStoreTest, ATreeWhoseReferenceIsGoneIsMissing) {
  Digest base =
      SaveTree(store_.get(), LoadTree(*store_, SaveTree(store_.get(), Tree()).value()).value()).value();
  Tree big = Tree().Apply(LoadDelta(*store_, SaveMany(3000, "big")).value()).value();
  Digest big_file = SaveTree(store_.get(), big).value();
  Tree changed = LoadTree(*store_, big_file).value().Apply(TestDelta({TestFile("new")})).value();
  Digest changed_file = SaveTree(store_.get(), changed).value();
  EXPECT_LT(store_->ReadBlob(changed_file).value().size(), 2000u);
  ASSERT_EQ(unlink(store_->LooseBlobPath(big_file).value().c_str()), 0);
  EXPECT_TRUE(absl::IsNotFound(LoadTree(*store_, changed_file).status()));
  EXPECT_FALSE(store_->HasBlob(changed_file));
  EXPECT_TRUE(LoadTree(*store_, base).ok());
}

TEST_F(TreeStoreTest, ComposeTreeSaysWhichDeltaIsWrong) {
  Digest broken = store_->PutBlob("no delta").value();
  EXPECT_FALSE(ComposeTree(store_.get(), Digest(), {broken}).ok());
  EXPECT_TRUE(absl::IsNotFound(ComposeTree(store_.get(), Digest(), {Sha256Of("gone")}).status()));
}

}  // namespace
}  // namespace kasane
