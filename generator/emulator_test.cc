#include "generator/emulator.h"

#include <gtest/gtest.h>

#include "src/base/file.h"

namespace kasane {
namespace {

constexpr char kArm64[] =
    "enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: OCF\noffset 0\n"
    "magic 7f454c460201010000000000000000000200b700\n"
    "mask ffffffffffffff00fffffffffffffffffeffffff\n";
constexpr char kS390x[] =
    "enabled\ninterpreter /usr/bin/qemu-s390x-static\nflags: F\noffset 0\n"
    "magic 7f454c4602020100000000000000000000020016\n"
    "mask ffffffffffffff00fffffffffffffffffffeffff\n";

class EmulatorTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "/binfmt";
    ASSERT_TRUE(RemoveTree(root_).ok());
    ASSERT_TRUE(MakeDirs(root_).ok());
    Write("status", "enabled\n");
  }
  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomic(root_ + "/" + name, text).ok());
  }
  bool Can(const std::string& platform) { return CanRunPlatform(*ParsePlatform(platform), root_); }
  std::string root_;
};

TEST_F(EmulatorTest, ThisMachinesOwnNeedsNone) {
  EXPECT_TRUE(CanRunPlatform(HostPlatform(), "/nowhere"));
  EXPECT_FALSE(Can("linux/mips64"));
  EXPECT_FALSE(Can("windows/amd64"));
  EXPECT_FALSE(CanRunPlatform(*ParsePlatform("linux/mips64"), "/nowhere"));
}

TEST_F(EmulatorTest, AnEntryIsForOneArchitecture) {
  Write("qemu-s390x", kS390x);
  EXPECT_TRUE(Can("linux/s390x"));
  EXPECT_FALSE(Can("linux/mips64"));
  EXPECT_FALSE(Can("linux/riscv64"));
  Write("anything", kArm64);
  EXPECT_TRUE(Can("linux/arm64"));
  EXPECT_FALSE(Can("linux/riscv64"));
}

TEST_F(EmulatorTest, ADisabledEntryOrOneWithoutFIsNone) {
  std::string text = kS390x;
  Write("a", text.replace(0, 7, "disabled"));
  EXPECT_FALSE(Can("linux/s390x"));
  text = kS390x;
  Write("a", text.replace(text.find("flags: F"), 8, "flags: O"));
  EXPECT_FALSE(Can("linux/s390x"));
}

TEST_F(EmulatorTest, MalformedEntriesAreNone) {
  Write("a", "enabled\nflags: F\noffset 99999999999999999999\nmagic 7f\n");
  Write("b", "enabled\nflags: F\noffset 60\nmagic 7f454c460202010000\n");
  Write("c", "enabled\nflags: F\noffset 0\nmagic \n");
  Write("d", "enabled\nflags: F\nextension .x\n");
  EXPECT_FALSE(Can("linux/s390x"));
}

}  // namespace
}  // namespace kasane
