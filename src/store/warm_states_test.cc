#include "src/store/warm_states.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/list_directory.h"
#include "src/store/gc.h"

namespace kasane {
namespace {

class WarmStatesTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/warm_states_test.XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    store_ = *Store::Open(directory_ + "/store");
    state_.key = Sha256Of("key");
    state_.tool = "go-build";
    state_.project = "/home/me/app/.kasane";
  }
  void TearDown() override {
    store_.reset();
    EXPECT_TRUE(RemoveTree(directory_).ok());
  }

  // A state's new layer, with one file.
  void Add(const std::string& path, const std::string& content = "x") {
    const std::string top = directory_ + "/new", file = JoinPath(top, path);
    ASSERT_TRUE(MakeDirs(std::string(Dirname(file))).ok());
    ASSERT_TRUE(WriteFileAtomic(file, content).ok());
    ASSERT_TRUE(AddWarmLayer(store_.get(), top, &state_).ok());
    EXPECT_FALSE(PathExists(top));
  }
  std::string Layer(size_t i) { return WarmLayerPath(*store_, state_.key, state_.layers[i]); }

  std::string directory_;
  std::unique_ptr<Store> store_;
  WarmState state_;
};

TEST_F(WarmStatesTest, AreKeptAndRemoved) {
  EXPECT_FALSE(LoadWarmState(*store_, state_.key).ok());
  EXPECT_TRUE(ListWarmStates(*store_).empty());
  Add("root/.cache/a");
  ASSERT_TRUE(RefuseWarmState(*store_, state_, Sha256Of("spec")).ok());
  const absl::StatusOr<WarmState> loaded = LoadWarmState(*store_, state_.key);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->tool, state_.tool);
  EXPECT_EQ(loaded->project, state_.project);
  EXPECT_GT(loaded->bytes(), 0);
  EXPECT_EQ(loaded->refused, std::vector<Digest>{Sha256Of("spec")});
  EXPECT_TRUE(WarmLayersHold(*store_, *loaded, "root/.cache"));
  EXPECT_FALSE(WarmLayersHold(*store_, *loaded, "go/pkg"));
  ASSERT_EQ(ListWarmStates(*store_).size(), 1u);
  EXPECT_GT(ListWarmStates(*store_)[0].last_used, 0);
  EXPECT_TRUE(RemoveWarmState(store_.get(), state_.key).ok());
  EXPECT_FALSE(PathExists(Layer(0)));
  EXPECT_TRUE(RemoveWarmState(store_.get(), state_.key).ok());
  EXPECT_TRUE(ListWarmStates(*store_).empty());
}

TEST_F(WarmStatesTest, OfAnotherVersionIsNone) {
  ASSERT_TRUE(MakeDirs(store_->directory() + "/warm").ok());
  ASSERT_TRUE(
      WriteFileAtomic(store_->directory() + "/warm/" + state_.key.ToHex() + ".json", "{\"version\":1}").ok());
  EXPECT_FALSE(LoadWarmState(*store_, state_.key).ok());
}

TEST_F(WarmStatesTest, FewLayersHoldWhatManyExecutionsAdded) {
  for (int i = 0; i < 40; ++i) {
    Add(absl::StrCat("d/", i));
    Add("d/last", absl::StrCat(i));
  }
  EXPECT_LE(state_.layers.size(), 6u);
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(WarmLayersHold(*store_, state_, absl::StrCat("d/", i))) << i;
  std::string last;
  for (size_t i = 0; i < state_.layers.size(); ++i) {
    if (absl::StatusOr<std::string> text = ReadFile(Layer(i) + "/d/last"); text.ok()) last = *text;
  }
  EXPECT_EQ(last, "39");
  // What was merged is gone: nobody was shown it.
  EXPECT_EQ(NamesIn(std::string(Dirname(Layer(0)))).size(), state_.layers.size() + 1);
}

TEST_F(WarmStatesTest, WhatSomebodyIsShownStays) {
  Add("a");
  const std::string shown = Layer(0);
  absl::StatusOr<UniqueFd> use = UseWarmLayers(*store_, &state_);
  ASSERT_TRUE(use.ok()) << use.status();
  Add("b");
  EXPECT_EQ(state_.layers.size(), 1u);
  EXPECT_TRUE(PathExists(shown + "/a"));
  EXPECT_TRUE(absl::IsUnavailable(RemoveWarmState(store_.get(), state_.key)));
  use->reset();
  ASSERT_TRUE(DropWarmLayers(store_.get(), state_).ok());
  EXPECT_FALSE(PathExists(shown));
}

TEST_F(WarmStatesTest, ConcurrentExecutionsBothAdd) {
  WarmState other = state_;
  Add("a");
  std::swap(other, state_);
  Add("b");
  EXPECT_TRUE(WarmLayersHold(*store_, state_, "a"));
  EXPECT_TRUE(WarmLayersHold(*store_, state_, "b"));
}

TEST_F(WarmStatesTest, FilesAreYoungWhereALayerIsOld) {
  Add("a");
  const timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, (Layer(0) + "/a").c_str(), old, 0), 0);
  struct stat st;
  ASSERT_TRUE(UseWarmLayers(*store_, &state_).ok());
  ASSERT_EQ(stat((Layer(0) + "/a").c_str(), &st), 0);
  EXPECT_EQ(st.st_mtime, 1000000000);  // it is known to have been touched just now
  const std::string path = store_->directory() + "/warm/" + state_.key.ToHex() + ".json";
  std::string json = *ReadFile(path);
  const size_t at = json.find("touched\":") + 9;
  ASSERT_TRUE(
      WriteFileAtomic(path, absl::StrCat(json.substr(0, at), "1", json.substr(json.find_first_of(",}", at))))
          .ok());
  ASSERT_TRUE(UseWarmLayers(*store_, &state_).ok());
  ASSERT_EQ(stat((Layer(0) + "/a").c_str(), &st), 0);
  EXPECT_GT(st.st_mtime, 1700000000);
}

TEST_F(WarmStatesTest, OneThatLostALayerShowsNothing) {
  Add("a");
  Add("b");
  ASSERT_TRUE(RemoveTree(Layer(0)).ok());
  ASSERT_TRUE(UseWarmLayers(*store_, &state_).ok());
  EXPECT_TRUE(state_.layers.empty());
}

TEST_F(WarmStatesTest, GarbageCollectionRemovesWhatIsNotUsed) {
  Add("root/.cache/x");
  const std::string layer = Layer(0);
  GcPolicy policy;
  policy.unused_for = absl::Hours(1);
  ASSERT_TRUE(CollectGarbage(store_.get(), policy).ok());
  EXPECT_TRUE(PathExists(layer));
  policy.unused_for = absl::ZeroDuration() - absl::Hours(1);
  ASSERT_TRUE(CollectGarbage(store_.get(), policy).ok());
  EXPECT_TRUE(ListWarmStates(*store_).empty());
  EXPECT_FALSE(PathExists(layer));
}

}  // namespace
}  // namespace kasane
