#include "src/oci/built_base.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

class BuiltBaseTest : public testing::Test {
 protected:
  void Put(const std::vector<BuiltBase>& bases) {
    ASSERT_TRUE(MakeDirs(state_).ok());
    ASSERT_TRUE(WriteFileAtomic(JoinPath(state_, kBuiltBases), EncodeBuiltBases(bases)).ok());
  }
  absl::StatusOr<ResolvedImage> For(const std::string& platform) {
    return ResolveBuiltBase(absl::StrCat(kBuilt, state_), *ParsePlatform(platform));
  }
  const std::string state_ = absl::StrCat(testing::TempDir(), "/app/.kasane");
};

TEST_F(BuiltBaseTest, IsTheImageOfThePlatform) {
  Put({{"linux/amd64", "records/linux-amd64/image.json", {{"os", "linux"}, {"history", {1}}}},
       {"linux/arm64", "records/linux-arm64/image.json", {{"os", "linux"}}}});
  const ResolvedImage image = For("linux/amd64").value();
  EXPECT_EQ(image.source, absl::StrCat("built:", state_, "/records/linux-amd64/image.json"));
  EXPECT_EQ(image.config, R"({"os":"linux"})");
  EXPECT_NE(image.manifest, For("linux/arm64")->manifest);
  EXPECT_EQ(For("linux/riscv64").status().message(),
            absl::StrCat("the image that is built in ", Dirname(state_),
                         " is for linux/amd64, linux/arm64, not for linux/riscv64"));
}

TEST_F(BuiltBaseTest, ASingleImageIsTakenAsItIs) {
  Put({{"linux/amd64", "records/image.json", Json::object()}});
  EXPECT_TRUE(For("linux/arm64").ok());
}

TEST_F(BuiltBaseTest, WithoutABuildThereIsNone) {
  EXPECT_TRUE(absl::IsNotFound(ResolveBuiltBase("built:/no/where", Platform()).status()));
}

}  // namespace
}  // namespace kasane
