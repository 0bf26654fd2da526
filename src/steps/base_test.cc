#include "src/steps/base.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/real_path.h"
#include "src/contract/record.h"
#include "src/store/built_images.h"
#include "src/store/tree_store.h"
#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

class BaseStepTest : public testing::Test {
 protected:
  BaseStepTest() {
    char path[] = "/tmp/kasane-base-XXXXXX";
    root_ = mkdtemp(path);
    store_ = Store::Open(root_ + "/store").value();
    context_.store = store_.get();
    context_.args.out = root_ + "/base.json";
  }
  ~BaseStepTest() override {
    store_.reset();
    RemoveTree(root_).IgnoreError();
  }
  void Pull(std::vector<DeltaEntry> entries) {
    Record record;
    record.kind = "pull";
    record.delta = SaveDelta(store_.get(), TestDelta(std::move(entries))).value();
    LayerInfo layer;
    layer.diff_id = Sha256Of(absl::StrCat("tar", spec_.diff_ids.size()));
    layer.blob = Sha256Of(absl::StrCat("blob", spec_.diff_ids.size()));
    layer.size = 7;
    record.layers.push_back(layer);
    spec_.diff_ids.push_back(layer.diff_id);
    context_.args.below.push_back(absl::StrCat(root_, "/", spec_.diff_ids.size(), ".json"));
    ASSERT_TRUE(WriteRecord(context_.args.below.back(), record).ok());
  }
  std::string Run() {
    absl::StatusOr<StepOutcome> outcome = RunBaseStep(spec_, context_);
    return outcome.ok() ? outcome->line : std::string(outcome.status().message());
  }

  std::string root_;
  std::unique_ptr<Store> store_;
  BaseSpec spec_;
  StepContext context_;
};

TEST_F(BaseStepTest, ComposesTheLayersAndHitsTheNextTime) {
  Pull({TestFile("a"), TestFile("b")});
  Pull({TestGone("a"), TestFile("c/d")});
  EXPECT_EQ(Run(), "ran base 2 layers");
  std::string record = ReadFile(context_.args.out).value();
  Record base = ReadRecord(context_.args.out).value();
  EXPECT_EQ(base.layers.size(), 2u);
  EXPECT_EQ(base.layers[1].diff_id, spec_.diff_ids[1]);
  Tree tree = LoadTree(*store_, base.tree).value();
  EXPECT_EQ(tree.Lookup("a"), nullptr);
  EXPECT_NE(tree.Lookup("c/d"), nullptr);
  EXPECT_EQ(Run(), "hit base 2 layers");
  EXPECT_EQ(ReadFile(context_.args.out).value(), record);
  // A tree file that is gone is made again, with the same name.
  ASSERT_EQ(unlink(store_->LooseBlobPath(base.tree).value().c_str()), 0);
  EXPECT_EQ(Run(), "ran base 2 layers");
  EXPECT_EQ(ReadFile(context_.args.out).value(), record);
}

TEST_F(BaseStepTest, RefusesOtherLayersThanTheSpecs) {
  Pull({TestFile("a")});
  Pull({TestFile("b")});
  std::swap(context_.args.below[0], context_.args.below[1]);
  EXPECT_TRUE(absl::StrContains(Run(), "is not the layer that the base image has there"));
  context_.args.below.pop_back();
  std::swap(spec_.diff_ids[0], spec_.diff_ids[1]);
  EXPECT_EQ(Run(), "the base image has more layers than were pulled");
  EXPECT_FALSE(PathExists(context_.args.out));
}

TEST_F(BaseStepTest, OfAnotherBuildIsWhatTheStoreKnowsOfItsImage) {
  const std::string config = R"({"rootfs":{"type":"layers","diff_ids":[]},"os":"linux"})";
  Record image;
  image.kind = "image";
  image.config = store_->PutBlob(config).value();
  const std::string manifest = absl::StrCat(
      R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",)",
      R"("digest":")", image.config.ToString(), R"(","size":)", config.size(), R"(},"layers":[]})");
  image.manifest = store_->PutBlob(manifest).value();
  image.manifest_media_type = "application/vnd.oci.image.manifest.v1+json";
  const std::string path = RealPath(root_) + "/image.json";
  ASSERT_TRUE(WriteRecord(path, image).ok());
  spec_.built = true;
  context_.args.source = {path};
  EXPECT_EQ(Run(), path + ": the store has no such image any more; build it again");

  BuiltImage built;
  built.record = path;
  built.manifest = image.manifest;
  built.deltas = {SaveDelta(store_.get(), TestDelta({TestFile("a")})).value()};
  ASSERT_TRUE(SaveBuiltImage(*store_, built).ok());
  EXPECT_EQ(Run(), absl::StrCat("ran base ", image.manifest.ToString()));
  EXPECT_EQ(Run(), absl::StrCat("hit base ", image.manifest.ToString()));
  const Record base = ReadRecord(context_.args.out).value();
  EXPECT_EQ(base.config, image.config);
  EXPECT_NE(LoadTree(*store_, base.tree)->Lookup("a"), nullptr);
}

}  // namespace
}  // namespace kasane
