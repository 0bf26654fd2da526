#include "src/store/built_images.h"

#include <gtest/gtest.h>
#include <utime.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

class BuiltImagesTest : public testing::Test {
 protected:
  BuiltImagesTest() {
    std::string pattern = absl::StrCat(testing::TempDir(), "/kasane-images-XXXXXX");
    root_ = mkdtemp(pattern.data());
    store_ = Store::Open(root_ + "/store").value();
  }
  ~BuiltImagesTest() override {
    store_.reset();
    RemoveTree(root_).IgnoreError();
  }
  BuiltImage Image(const std::string& record, const std::string& manifest) {
    BuiltImage image;
    image.record = record;
    image.names = {absl::StrCat("docker.io/library/", manifest, ":latest")};
    image.manifest = store_->PutBlob(manifest).value();
    return image;
  }
  std::string PathOf(const BuiltImage& image) {
    return absl::StrCat(store_->directory(), "/images/", Sha256Of(image.record).ToHex(), ".json");
  }

  std::string root_;
  std::unique_ptr<Store> store_;
};

TEST_F(BuiltImagesTest, AnEntryComesBackAsItWas) {
  BuiltImage image = Image("/p/.kasane/records/image.json", "a");
  image.base = Sha256Of("base");
  image.deltas = {Sha256Of("1"), Sha256Of("2")};
  image.part = true;
  image.parts = {"/p/x.json"};
  ASSERT_TRUE(SaveBuiltImage(*store_, image).ok());
  const std::vector<BuiltImage> images = ListBuiltImages(*store_);
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0].record, image.record);
  EXPECT_EQ(images[0].names, image.names);
  EXPECT_EQ(images[0].manifest, image.manifest);
  EXPECT_EQ(images[0].base, image.base);
  EXPECT_EQ(images[0].deltas, image.deltas);
  EXPECT_TRUE(images[0].part);
  EXPECT_EQ(images[0].parts, image.parts);
}

TEST_F(BuiltImagesTest, TheLastImageOfABuildCountsAndTheNewestComesFirst) {
  const BuiltImage old = Image("/p/image.json", "a"), now = Image("/p/image.json", "b"),
                   other = Image("/q/image.json", "c");
  for (const BuiltImage* image : {&old, &now, &other}) ASSERT_TRUE(SaveBuiltImage(*store_, *image).ok());
  const utimbuf before = {1000, 1000};
  ASSERT_EQ(utime(PathOf(now).c_str(), &before), 0);
  const std::vector<BuiltImage> images = ListBuiltImages(*store_);
  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(images[0].manifest, other.manifest);
  EXPECT_EQ(images[1].manifest, now.manifest);
  EXPECT_EQ(images[1].built, 1000);
}

TEST_F(BuiltImagesTest, WhatLostItsManifestOrIsNoEntryIsNotListed) {
  const BuiltImage image = Image("/p/image.json", "a");
  ASSERT_TRUE(SaveBuiltImage(*store_, image).ok());
  BuiltImage lost = Image("/q/image.json", "b");
  lost.manifest = Sha256Of("nowhere");
  ASSERT_TRUE(SaveBuiltImage(*store_, lost).ok());
  const std::string odd = store_->directory() + "/images/odd.json";
  ASSERT_TRUE(WriteFileAtomic(odd, "{").ok());
  EXPECT_EQ(ListBuiltImages(*store_).size(), 1u);
  ASSERT_TRUE(RemoveLostImages(*store_).ok());
  EXPECT_TRUE(PathExists(PathOf(image)));
  EXPECT_FALSE(PathExists(PathOf(lost)));
  EXPECT_FALSE(PathExists(odd));
}

}  // namespace
}  // namespace kasane
