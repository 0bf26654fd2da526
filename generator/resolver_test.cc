#include "generator/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/test_plan.h"
#include "src/base/file.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FakeSource : public ImageSource {
 public:
  std::vector<absl::StatusOr<ResolvedImage>> Resolve(const std::vector<ImageRequest>& requests) override {
    std::string batch;
    std::vector<absl::StatusOr<ResolvedImage>> images;
    for (const auto& [reference, platform] : requests) {
      batch += reference.Familiar() + " ";
      if (reference.path == "library/nosuch") {
        images.emplace_back(absl::NotFoundError("nosuch: not found"));
      } else {
        images.emplace_back(TestImage(reference.Familiar(), 1));
      }
    }
    batches.push_back(batch);
    return images;
  }
  std::vector<std::string> batches;
};

Reference Ref(const std::string& text) { return *ParseReference(text); }

TEST(ResolverTest, AsksForAllUnknownImagesAtOnceAndThenNeverAgain) {
  FakeSource source;
  CachedResolver resolver(&source);
  EXPECT_TRUE(resolver.Resolve(Ref("a"), {}).ok());
  EXPECT_TRUE(resolver.Resolve(Ref("b"), {}).ok());
  EXPECT_TRUE(resolver.Resolve(Ref("a"), {}).ok());
  EXPECT_TRUE(resolver.missing());
  EXPECT_TRUE(source.batches.empty());
  resolver.ResolveMissing();
  EXPECT_FALSE(resolver.missing());
  EXPECT_EQ(resolver.Resolve(Ref("b"), {})->manifest, Sha256Of("b:latest"));
  EXPECT_TRUE(resolver.Resolve(Ref("c"), {}).ok());  // met only with the true base known
  EXPECT_THAT(source.batches, ElementsAre("a:latest b:latest ", "c:latest "));

  std::string path = testing::TempDir() + "/resolved.json";
  ASSERT_TRUE(WriteFileAtomic(path, resolver.Encode()).ok());
  FakeSource silent;
  CachedResolver again(&silent);
  again.Load(path);
  EXPECT_EQ(again.Resolve(Ref("a"), {})->layers.size(), 1u);
  EXPECT_FALSE(again.missing());
  EXPECT_TRUE(silent.batches.empty());
}

TEST(ResolverTest, AFailureIsReportedButNotKept) {
  FakeSource source;
  CachedResolver resolver(&source);
  (void)resolver.Resolve(Ref("nosuch"), {});
  resolver.ResolveMissing();
  EXPECT_EQ(resolver.Resolve(Ref("nosuch"), {}).status().message(), "nosuch: not found");
  EXPECT_THAT(resolver.Encode(), HasSubstr("\"images\": {}"));
}

TEST(ResolverTest, WhatIsPinnedIsAskedForByDigest) {
  FakeSource source;
  CachedResolver resolver(&source);
  LockedNames lock;
  lock.images[Ref("a").ToString() + " linux/amd64"] = Sha256Of("x");
  resolver.Pin(lock, /*locked=*/true);
  ASSERT_TRUE(resolver.Resolve(Ref("a"), {}).ok());
  EXPECT_THAT(std::string(resolver.Resolve(Ref("b"), {}).status().message()),
              HasSubstr("b:latest is not pinned"));
  resolver.ResolveMissing();
  EXPECT_THAT(source.batches, ElementsAre("a:latest@" + Sha256Of("x").ToString() + " "));
  EXPECT_EQ(resolver.Resolve(Ref("a"), {})->reference.ToString(), "docker.io/library/a:latest");
  EXPECT_EQ(resolver.pinned().size(), 1u);
}

}  // namespace
}  // namespace kasane
