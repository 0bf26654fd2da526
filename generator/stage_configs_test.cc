#include "generator/stage_configs.h"

#include <gtest/gtest.h>

#include "src/base/file.h"

namespace kasane {
namespace {

TEST(StageConfigs, AreReadBack) {
  const std::string state = testing::TempDir();
  const std::string text =
      EncodeStageConfigs({{"build", {{"config", {{"User", "u"}}}}}, {"1", Json::object()}});
  EXPECT_EQ(text, R"({"version":1,"stages":{"1":{},"build":{"config":{"User":"u"}}}})"
                  "\n");
  ASSERT_TRUE(WriteFileAtomic(JoinPath(state, kStageConfigs), text).ok());
  EXPECT_EQ(DumpJson(ReadStageConfig(state, "Build").value()), R"({"config":{"User":"u"}})");
  EXPECT_EQ(ReadStageConfig(state, "x").status().message(), "the build has no stage x");
  ASSERT_TRUE(WriteFileAtomic(JoinPath(state, kStageConfigs), R"({"version":9})").ok());
  EXPECT_FALSE(ReadStageConfig(state, "1").ok());
}

}  // namespace
}  // namespace kasane
