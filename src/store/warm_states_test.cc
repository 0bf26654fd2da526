#include "src/store/warm_states.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "src/base/file.h"
#include "src/store/gc.h"
#include "src/store/tree_store.h"
#include "src/tree/tree.h"

namespace kasane {
namespace {

class WarmStatesTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/warm_states_test.XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    store_ = *Store::Open(directory_ + "/store");
  }
  void TearDown() override {
    store_.reset();
    EXPECT_TRUE(RemoveTree(directory_).ok());
  }

  std::string directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(WarmStatesTest, AreKeptAndRemoved) {
  WarmState state;
  state.key = Sha256Of("key");
  EXPECT_FALSE(LoadWarmState(*store_, state.key).ok());
  EXPECT_TRUE(ListWarmStates(*store_).empty());
  state.tool = "go-build";
  state.project = "/home/me/app/.kasane";
  state.bytes = 123;
  state.refused = {Sha256Of("spec")};
  ASSERT_TRUE(SaveWarmState(*store_, state).ok());
  const absl::StatusOr<WarmState> loaded = LoadWarmState(*store_, state.key);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->tool, state.tool);
  EXPECT_EQ(loaded->project, state.project);
  EXPECT_EQ(loaded->bytes, 123);
  EXPECT_TRUE(loaded->tree.empty());
  EXPECT_EQ(loaded->refused, state.refused);
  ASSERT_EQ(ListWarmStates(*store_).size(), 1u);
  EXPECT_GT(ListWarmStates(*store_)[0].last_used, 0);
  EXPECT_TRUE(RemoveWarmState(store_.get(), state.key).ok());
  EXPECT_TRUE(RemoveWarmState(store_.get(), state.key).ok());
  EXPECT_TRUE(ListWarmStates(*store_).empty());
}

TEST_F(WarmStatesTest, OfAnotherVersionIsNone) {
  ASSERT_TRUE(MakeDirs(store_->directory() + "/warm").ok());
  const Digest key = Sha256Of("key");
  ASSERT_TRUE(
      WriteFileAtomic(store_->directory() + "/warm/" + key.ToHex() + ".json", "{\"version\":2}").ok());
  EXPECT_FALSE(LoadWarmState(*store_, key).ok());
}

TEST_F(WarmStatesTest, GarbageCollectionKeepsWhatAUsedOneHolds) {
  const Digest content = *store_->PutBlob("content");
  DeltaEntry file;
  file.path = "root/.cache/x";
  file.entry.size = 7;
  file.entry.content = content;
  WarmState state;
  state.key = Sha256Of("key");
  state.tree = *SaveTree(store_.get(), *Tree().Apply(*Delta::FromEntries({file})));
  ASSERT_TRUE(SaveWarmState(*store_, state).ok());
  GcPolicy policy;
  policy.grace = absl::ZeroDuration() - absl::Hours(1);  // nothing is young
  policy.unused_for = absl::Hours(1);
  ASSERT_TRUE(CollectGarbage(store_.get(), policy).ok());
  EXPECT_TRUE(store_->HasBlob(content));
  policy.unused_for = absl::ZeroDuration() - absl::Hours(1);
  ASSERT_TRUE(CollectGarbage(store_.get(), policy).ok());
  EXPECT_FALSE(store_->HasBlob(content));
  EXPECT_TRUE(ListWarmStates(*store_).empty());
}

TEST_F(WarmStatesTest, GarbageCollectionRemovesUnreadCachesWhereThereIsNothingElse) {
  WarmState state;
  state.key = Sha256Of("key");
  ASSERT_TRUE(SaveWarmState(*store_, state).ok());
  const std::string unread = UnreadWarmCaches(*store_, state.key);
  ASSERT_TRUE(MakeDirs(unread + "/0").ok());
  GcPolicy policy;
  policy.unused_for = absl::Hours(1);
  ASSERT_TRUE(CollectGarbage(store_.get(), policy).ok());
  EXPECT_TRUE(PathExists(unread + "/0"));
  policy.unused_for = absl::ZeroDuration() - absl::Hours(1);
  ASSERT_TRUE(CollectGarbage(store_.get(), policy).ok());
  EXPECT_TRUE(ListWarmStates(*store_).empty());
  EXPECT_FALSE(PathExists(unread));
}

}  // namespace
}  // namespace kasane
