#include "src/store/gc.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "src/store/tree_store.h"
#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

class GcTest : public testing::Test {
 protected:
  GcTest() {
    char path[] = "/tmp/kasane-gc-XXXXXX";
    root_ = mkdtemp(path);
    store_ = Store::Open(root_ + "/store").value();
    policy_.grace = absl::Hours(-1);  // nothing is too young
  }
  ~GcTest() override {
    store_.reset();
    RemoveTree(root_).IgnoreError();
  }
  // A result that names `digests`, last used `days` ago.
  void Result(const std::string& key, const std::vector<Digest>& digests, int days) {
    std::string json = "{";
    for (const Digest& digest : digests) absl::StrAppend(&json, "\"", digest.ToString(), "\",");
    ASSERT_TRUE(store_->PutResult(Sha256Of(key), json).ok());
    std::string hex = Sha256Of(key).ToHex();
    timespec then = {time(nullptr) - days * 86400L - 10, 0};
    timespec times[2] = {then, then};
    std::string path = absl::StrCat(root_, "/store/results/", hex.substr(0, 2), "/", hex);
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  Digest Put(const std::string& bytes) { return store_->PutBlob(bytes).value(); }
  bool Has(const std::string& bytes) { return store_->HasBlob(Sha256Of(bytes)); }
  Digest Pack(const std::string& content) {
    PackWriter writer = store_->NewPack();
    EXPECT_TRUE(writer.Write("head" + content).ok());
    writer.AddFile(Sha256Of(content), 4, static_cast<int64_t>(content.size()));
    return writer.Commit().value();
  }
  GcReport Collect() { return CollectGarbage(store_.get(), policy_).value(); }

  std::string root_;
  std::unique_ptr<Store> store_;
  GcPolicy policy_;
};

TEST_F(GcTest, KeepsWhatUsedResultsNameAndRemovesTheRest) {
  Result("used", {Put("named")}, 3);
  Result("unused", {Put("forgotten")}, 40);
  Put("stray");
  std::string identity = Store::ReadIdentity(store_->directory());
  policy_.dry_run = true;
  GcReport report = Collect();
  EXPECT_EQ(report.results_removed, 1);
  EXPECT_EQ(report.blobs_removed, 2);
  EXPECT_TRUE(Has("stray"));
  EXPECT_EQ(Store::ReadIdentity(store_->directory()), identity);
  policy_.dry_run = false;
  report = Collect();
  EXPECT_EQ(report.results_removed, 1);
  EXPECT_EQ(report.blobs_removed, 2);
  EXPECT_EQ(report.bytes_removed, 14);
  EXPECT_EQ(report.bytes_kept, 5);
  EXPECT_TRUE(Has("named"));
  EXPECT_FALSE(Has("forgotten"));
  EXPECT_FALSE(Has("stray"));
  EXPECT_TRUE(store_->GetResult(Sha256Of("used")).ok());
  EXPECT_FALSE(store_->GetResult(Sha256Of("unused")).ok());
  EXPECT_NE(Store::ReadIdentity(store_->directory()), identity);
  identity = Store::ReadIdentity(store_->directory());
  EXPECT_EQ(Collect().blobs_removed, 0);
  EXPECT_EQ(Store::ReadIdentity(store_->directory()), identity);
}

TEST_F(GcTest, FollowsDeltasTreesAndTheirReferences) {
  for (const char* content : {"in delta", "in tree", "in new tree"}) Put(content);
  Digest delta = SaveDelta(store_.get(), TestDelta({TestFile("d", "in delta")})).value();
  std::vector<DeltaEntry> entries = {TestFile("a/t", "in tree")};
  for (int i = 0; i < 100; ++i) entries.push_back(TestFile(absl::StrCat("b/", i), "in tree"));
  Digest base = SaveTree(store_.get(), Tree().Apply(TestDelta(entries)).value()).value();
  Tree changed = LoadTree(*store_, base).value().Apply(TestDelta({TestFile("n", "in new tree")})).value();
  Digest tree = SaveTree(store_.get(), changed).value();
  Result("used", {delta, tree}, 0);
  EXPECT_EQ(Collect().blobs_removed, 0);
  EXPECT_TRUE(LoadTree(*store_, tree).ok());
  Result("used", {tree}, 0);
  EXPECT_EQ(Collect().blobs_removed, 2);
  EXPECT_TRUE(Has("in tree") && Has("in new tree"));
  EXPECT_EQ(LoadTree(*store_, tree).value().digest(), changed.digest());
}

TEST_F(GcTest, PacksStayWhileNamedOrNeeded) {
  Digest named = Pack("1");
  Digest needed = Pack("2");
  Digest neither = Pack("3");
  Digest delta = SaveDelta(store_.get(), TestDelta({TestFile("d", "2")})).value();
  Result("used", {named, delta}, 0);
  ASSERT_TRUE(
      WriteFileAtomic(absl::StrCat(root_, "/store/packs/", Sha256Of("x").ToHex(), ".idx"), "left").ok());
  EXPECT_EQ(Collect().packs_removed, 1);
  EXPECT_TRUE(store_->HasPack(named));
  EXPECT_TRUE(store_->HasPack(needed));
  EXPECT_FALSE(store_->HasPack(neither));
  EXPECT_FALSE(Has("3"));
  EXPECT_FALSE(PathExists(absl::StrCat(root_, "/store/packs/", Sha256Of("x").ToHex(), ".idx")));
}

TEST_F(GcTest, YoungOnesStay) {
  policy_.grace = absl::Hours(1);
  Put("young");
  Pack("young pack");
  EXPECT_EQ(Collect().blobs_removed, 0);
  EXPECT_TRUE(Has("young") && Has("young pack"));
}

TEST_F(GcTest, AStoreInUseIsLeftAlone) {
  Put("stray");
  {
    std::unique_ptr<Store> other = Store::Open(store_->directory()).value();
    EXPECT_TRUE(absl::IsUnavailable(CollectGarbage(store_.get(), policy_).status()));
    // The lock that it had is back.
    EXPECT_TRUE(absl::IsUnavailable(CollectGarbage(other.get(), policy_).status()));
    EXPECT_TRUE(Has("stray"));
  }
  EXPECT_EQ(Collect().blobs_removed, 1);
}

TEST_F(GcTest, WhatAContainerUsesStays) {
  const std::string directory = store_->directory() + "/containers/c";
  ASSERT_TRUE(MakeDirs(directory).ok());
  Put("in it");
  Put("stray");
  const Digest delta = SaveDelta(store_.get(), TestDelta({TestFile("d", "in it")})).value();
  std::unique_ptr<Store> other = Store::Open(store_->directory()).value();
  EXPECT_TRUE(absl::IsUnavailable(CollectGarbage(store_.get(), policy_).status()));
  ASSERT_TRUE(KeepWhileUsed(other.get(), directory, {delta}).ok());
  EXPECT_EQ(Collect().blobs_removed, 1);
  EXPECT_TRUE(Has("in it") && store_->HasBlob(delta));
  ASSERT_TRUE(NoLongerUsed(directory).ok());
  ASSERT_TRUE(NoLongerUsed(directory).ok());
  EXPECT_EQ(Collect().blobs_removed, 2);
}

}  // namespace
}  // namespace kasane
