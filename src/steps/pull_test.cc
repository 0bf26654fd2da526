#include "src/steps/pull.h"

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "src/base/file.h"
#include "src/steps/common_gen_net.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

class PullTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = absl::StrCat(std::getenv("TEST_TMPDIR"), "/",
                         testing::UnitTest::GetInstance()->current_test_info()->name());
    auto store = Store::Open(root_ + "/store");
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    context_.store = store_.get();
    context_.args.out = root_ + "/out.json";
    // A layer without entries in a layout.
    layer_ = std::string(1024, '\0');
    spec_.source = "oci-layout:" + root_ + "/layout";
    spec_.blob = spec_.diff_id = Sha256Of(layer_);
    spec_.size = static_cast<int64_t>(layer_.size());
    spec_.media_type = "application/vnd.oci.image.layer.v1.tar";
    ASSERT_TRUE(MakeDirs(root_ + "/layout/blobs/sha256").ok());
    ASSERT_TRUE(WriteFileAtomic(root_ + "/layout/blobs/sha256/" + spec_.blob.ToHex(), layer_).ok());
  }
  // The outcome's first word, or the message.
  std::string Run() {
    auto outcome = RunPullStep(spec_, context_);
    return outcome.ok() ? outcome->line.substr(0, outcome->line.find(' '))
                        : std::string(outcome.status().message());
  }

  std::string root_, layer_;
  std::unique_ptr<Store> store_;
  StepContext context_;
  PullSpec spec_;
};

TEST_F(PullTest, RunsOnceThenHits) {
  EXPECT_EQ(Run(), "ran");
  auto record = ReadRecord(context_.args.out);
  ASSERT_TRUE(record.ok()) << record.status();
  ASSERT_EQ(record->layers.size(), 1u);
  EXPECT_EQ(record->layers[0].diff_id, spec_.diff_id);
  EXPECT_TRUE(LoadDelta(*store_, record->delta).ok());
  EXPECT_TRUE(store_->HasPack(spec_.diff_id));
  const std::string first = *ReadFile(context_.args.out);
  ASSERT_TRUE(RemoveTree(root_ + "/layout").ok());  // a hit needs no source
  ASSERT_TRUE(RemoveTree(context_.args.out).ok());
  EXPECT_EQ(Run(), "hit");
  EXPECT_EQ(*ReadFile(context_.args.out), first);
}

TEST_F(PullTest, TheTypeIsTheSpecs) {
  EXPECT_EQ(Run(), "ran");
  spec_.media_type = "application/vnd.docker.image.rootfs.diff.tar";
  EXPECT_EQ(Run(), "hit");
  EXPECT_EQ(ReadRecord(context_.args.out)->layers[0].media_type, spec_.media_type);
}

TEST_F(PullTest, WhatIsGoneFromTheStoreIsPulledAgain) {
  EXPECT_EQ(Run(), "ran");
  const Digest delta = ReadRecord(context_.args.out)->delta;
  ASSERT_TRUE(RemoveTree(*store_->LooseBlobPath(delta)).ok());
  EXPECT_EQ(Run(), "ran");
  EXPECT_TRUE(store_->HasBlob(delta));
}

TEST_F(PullTest, WrongBytesLeaveNothing) {
  const std::string path = root_ + "/layout/blobs/sha256/" + spec_.blob.ToHex();
  layer_[3] = 'x';
  ASSERT_TRUE(WriteFileAtomic(path, layer_).ok());
  EXPECT_NE(Run().find(absl::StrCat(spec_.source, ": layer ", spec_.blob.ToString(), ": ")),
            std::string::npos);
  EXPECT_FALSE(PathExists(context_.args.out));
  EXPECT_FALSE(store_->HasBlob(spec_.blob));
  EXPECT_FALSE(FindPulled(*store_, spec_).has_value());
  ASSERT_TRUE(RemoveTree(path).ok());
  EXPECT_NE(Run().find("layer"), std::string::npos);
}

TEST_F(PullTest, SaysWhenGenNetIsMissing) {
  ASSERT_EQ(setenv("KASANE_GEN_NET", "/no/gen-net", 1), 0);
  spec_.source = "docker.io/library/golang";
  EXPECT_EQ(Run(), "cannot start /no/gen-net: No such file or directory");
}

TEST(StepCommandLine, GivesTheArgumentsAgain) {
  const std::vector<std::string> words = {
      "--dir", ".kasane", "--store", "id.0", "--below", "a", "b", "--source", "c", "--", std::string(64, 'a'),
      "out"};
  EXPECT_EQ(StepCommandLine(*ParseStepArgs(words)), words);
}

}  // namespace
}  // namespace kasane
