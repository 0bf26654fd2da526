#include "generator/device_check.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "src/base/file.h"

namespace kasane {
namespace {

TEST(DeviceCheck, AsBuildKitWhereThereAreNone) {
  std::string directory = "/tmp/device_check_test.XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  RunSpec run;
  run.devices = {{"vendor.com/gpu=all", false}};
  Plan plan;
  plan.stages.emplace_back();
  plan.stages[0].steps.emplace_back();
  plan.stages[0].steps[0].spec = run;
  Diagnostic error;
  EXPECT_TRUE(CheckDevices(plan, {directory, "/nowhere"}, &error));
  std::get<RunSpec>(plan.stages[0].steps[0].spec).devices[0].required = true;
  EXPECT_FALSE(CheckDevices(plan, {directory, "/nowhere"}, &error));
  EXPECT_EQ(error.message, "required device \"vendor.com/gpu=all\" is not registered");
  ASSERT_TRUE(WriteFileAtomic(directory + "/vendor.yaml", "cdiVersion: 0.6.0\n").ok());
  plan.stages[0].steps[0].spec = run;
  EXPECT_FALSE(CheckDevices(plan, {directory}, &error));
  EXPECT_EQ(error.message, "RUN --device=vendor.com/gpu=all is not supported yet");
  EXPECT_TRUE(RemoveTree(directory).ok());
}

}  // namespace
}  // namespace kasane
