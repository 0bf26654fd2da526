#include "generator/devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

using testing::ElementsAre;

class DevicesTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(directory_.data()), nullptr); }
  void TearDown() override { EXPECT_TRUE(RemoveTree(directory_).ok()); }

  void Describe(const std::string& edits) {
    ASSERT_TRUE(
        WriteFileAtomic(directory_ + "/v.json",
                        absl::StrCat(R"({"cdiVersion":"0.7.0","kind":"v.com/d","containerEdits":)",
                                     R"({"env":["ALL=1"]},"devices":[{"name":"x","containerEdits":{)", edits,
                                     "}},", R"({"name":"y","containerEdits":{"env":["Y=1"]}}]})"))
            .ok());
  }

  // "" or the error.
  std::string Resolve(std::vector<DeviceSpec> devices, const std::vector<std::string>& allow = {"device"}) {
    Plan plan;
    plan.stages.emplace_back();
    plan.stages[0].steps.emplace_back();
    run_ = RunSpec();
    run_.devices = std::move(devices);
    plan.stages[0].steps[0].spec = run_;
    Diagnostic error;
    std::vector<std::string> depends;
    const bool ok = ResolveDevices({directory_, "/nowhere"}, allow, &plan, &depends, &error);
    run_ = std::get<RunSpec>(plan.stages[0].steps[0].spec);
    help_ = error.help;
    return ok ? "" : error.message;
  }

  std::string directory_ = "/tmp/devices_test.XXXXXX";
  RunSpec run_;
  std::string help_;
};

TEST_F(DevicesTest, NoneThere) {
  EXPECT_EQ(Resolve({{"v.com/gpu=all", false}}), "");
  EXPECT_EQ(Resolve({{"v.com/gpu=all", true}}), "required device \"v.com/gpu=all\" is not registered");
  Describe(R"("env":["X=1"])");
  EXPECT_EQ(Resolve({{"v.com/d=z", true}}), "required device \"v.com/d=z\" is not registered");
  EXPECT_EQ(help_, "there are v.com/d=x, v.com/d=y");
  ASSERT_TRUE(WriteFileAtomic(directory_ + "/w.yaml", "cdiVersion: 0.6\n").ok());
  EXPECT_EQ(Resolve({{"v.com/d=z", false}}), "");
  EXPECT_EQ(Resolve({{"v.com/d=z", true}}), "required device \"v.com/d=z\" is not registered");
  EXPECT_EQ(help_, directory_ + "/w.yaml: unknown cdiVersion \"0.6\"");
}

TEST_F(DevicesTest, EditsOfAFileAreMadeOnce) {
  Describe(
      R"("env":["X=1"],"additionalGids":[0,7],"deviceNodes":[{"path":"/dev/a/b","hostPath":"/dev/null"},)"
      R"({"path":"/dev/c","type":"b","major":9,"minor":1,"fileMode":384,"permissions":"r","uid":5}])");
  EXPECT_EQ(Resolve({{"v.com/d=y", false}, {"v.com/d=*", false}}), "");
  EXPECT_THAT(run_.device_env, ElementsAre("ALL=1", "Y=1", "X=1"));
  EXPECT_THAT(run_.device_groups, ElementsAre(7));
  ASSERT_EQ(run_.device_nodes.size(), 2u);
  const DeviceNodeSpec& null = run_.device_nodes[0];
  EXPECT_EQ(absl::StrCat(null.type, null.major, ",", null.minor, " ", null.mode, " ", null.access),
            absl::StrCat("c1,3 ", 0666, " rwm"));
  const DeviceNodeSpec& block = run_.device_nodes[1];
  EXPECT_EQ(absl::StrCat(block.type, block.major, ",", block.minor, " ", block.mode, " ", block.access),
            absl::StrCat("b9,1 ", 0600, " r"));
  EXPECT_EQ(block.uid, 5);
}

TEST_F(DevicesTest, MountsAreOtherOnesWhenFilesAre) {
  const std::string file = directory_ + "/lib/l.so";
  ASSERT_TRUE(MakeDirs(directory_ + "/lib").ok());
  ASSERT_TRUE(WriteFileAtomic(file, "1").ok());
  Describe(absl::StrCat(R"("mounts":[{"hostPath":")", directory_,
                        R"(/lib","containerPath":"/usr/lib/v","options":["ro","rbind"]}])"));
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}), "");
  ASSERT_EQ(run_.device_mounts.size(), 1u);
  EXPECT_EQ(run_.device_mounts[0].target, "/usr/lib/v");
  const Digest before = run_.device_mounts[0].files;
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}), "");
  EXPECT_EQ(run_.device_mounts[0].files, before);
  ASSERT_TRUE(WriteFileAtomic(file, "22").ok());
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}), "");
  EXPECT_NE(run_.device_mounts[0].files, before);
}

TEST_F(DevicesTest, MustBeAllowed) {
  Describe(R"("env":["X=1"])");
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}, {}), "device v.com/d=x is not allowed");
  EXPECT_EQ(help_, "if you trust this file, use gen --allow device=v.com/d=x");
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}, {"device=v.com/d=x"}), "");
  EXPECT_EQ(Resolve({{"v.com/d=*", false}}, {"device=v.com/d=x"}), "device v.com/d=y is not allowed");
  EXPECT_EQ(Resolve({{"gpu", true}}, {"device=v.com/d=x,alias=gpu"}), "");
  EXPECT_THAT(run_.device_env, ElementsAre("ALL=1", "X=1"));
}

TEST_F(DevicesTest, WhatIsNotSupported) {
  Describe(R"("hooks":[{"hookName":"createContainer","path":"/x"}],"intelRdt":{})");
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}),
            "device v.com/d=x: its description has hooks, intelRdt, which Kasane does not support");
  EXPECT_EQ(help_, absl::StrCat("it is described in ", directory_, "/v.json"));
  Describe(R"("deviceNodes":[{"path":"/outside","hostPath":"/dev/null"}])");
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}),
            "device v.com/d=x: device nodes outside /dev are not supported: /outside");
  Describe(R"("deviceNodes":[{"path":"/dev/none-such"}])");
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}), "device v.com/d=x: /dev/none-such: No such file or directory");
  Describe(R"("deviceNodes":[{"path":"/dev/null","type":"b"}])");
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}),
            "device v.com/d=x: /dev/null is a device of another type than the description says");
  Describe(R"("mounts":[{"hostPath":"/tmp","containerPath":"/t"}])");
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}),
            "device v.com/d=x: only bind mounts are supported, and that on /t is none");
  Describe(R"("mounts":[{"hostPath":"/tmp","containerPath":"/t","options":["bind","shared"]}])");
  EXPECT_EQ(Resolve({{"v.com/d=x", false}}), "device v.com/d=x: the mount option shared is not supported");
}

}  // namespace
}  // namespace kasane
