#include "src/sandbox/mounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <utility>

#include "src/sandbox/sandbox_test_util.h"

namespace kasane {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class MountsTest : public SandboxTest {
 protected:
  // A tree of two files, "d/f" and "l -> d".
  Tree Source() {
    std::vector<DeltaEntry> all = std::exchange(entries_, {});
    AddDirectory("d");
    AddFile("d/f", "content\n");
    AddLink("l", "d");
    Tree tree = MakeTree();
    entries_ = std::move(all);
    return tree;
  }
  SandboxMount& Mount(SandboxMount::Kind kind, const std::string& target) {
    SandboxMount mount;
    mount.kind = kind;
    mount.target = target;
    options_.mounts.push_back(std::move(mount));
    return options_.mounts.back();
  }
  SandboxMount& MountSource(const std::string& target, bool read_only) {
    SandboxMount& mount = Mount(SandboxMount::Kind::kTree, target);
    mount.tree = Source();
    mount.read_only = read_only;
    return mount;
  }
};

TEST_F(MountsTest, ATreeIsReadOnlyOrItsChangesAreThrownAway) {
  MountSource("/ro/x", true);
  MountSource("/rw", false).source = "d";
  EXPECT_THAT(Changes("cat /ro/x/l/f /rw/f; echo new > /rw/f; cat /rw/f; rm /rw/f; ls /rw;"
                      " touch /ro/x/g || echo refused"),
              IsEmpty());
  EXPECT_THAT(output_, HasSubstr("content\ncontent\nnew\n"));
  EXPECT_THAT(output_, HasSubstr("Read-only file system\nrefused\n"));
}

TEST_F(MountsTest, AFileOfATree) {
  AddFile("etc/there", "hidden");
  MountSource("/etc/there", true).source = "d/f";
  MountSource("/etc/new/missing", true).source = "d/f";
  EXPECT_THAT(Changes("cat /etc/there /etc/new/missing; ls /etc/new"), IsEmpty());
  EXPECT_EQ(output_, "content\ncontent\nmissing\n");
  options_.mounts.clear();
  EXPECT_THAT(Changes("cat /etc/there"), IsEmpty());
  EXPECT_EQ(output_, "hidden");
}

TEST_F(MountsTest, MountPointsStayOnlyIfSomethingLiesBesideThem) {
  Mount(SandboxMount::Kind::kTmpfs, "/a/b/c");
  Mount(SandboxMount::Kind::kTmpfs, "/x/y");
  EXPECT_THAT(Changes("touch /a/b/c/in /a/beside; ls /x"), ElementsAre("a", "a/beside 0"));
  EXPECT_EQ(output_, "y\n");
}

TEST_F(MountsTest, ATmpfsHasTheModeOfWhatItHidesAndItsSize) {
  AddDirectory("strange");
  entries_.back().entry.mode = 01751;
  Mount(SandboxMount::Kind::kTmpfs, "/strange").size = 1 << 20;
  Mount(SandboxMount::Kind::kTmpfs, "/fixed").read_only = true;
  EXPECT_THAT(
      Changes("stat -c %a /strange; df -k /strange | tail -1 | awk '{print $2}'; touch /fixed/f || true"),
      IsEmpty());
  EXPECT_THAT(output_, HasSubstr("1751\n1024\n"));
  EXPECT_THAT(output_, HasSubstr("Read-only"));
}

TEST_F(MountsTest, ADirectoryOfTheHostIsShared) {
  const std::string cache = directory_ + "/cache";
  ASSERT_EQ(mkdir(cache.c_str(), 0755), 0);
  Mount(SandboxMount::Kind::kHost, "/cache").path = cache;
  Mount(SandboxMount::Kind::kTmpfs, "/cache/deep/inside");
  EXPECT_THAT(Changes("echo kept > /cache/f; touch /cache/deep/inside/f"), IsEmpty());
  EXPECT_EQ(ReadFile(cache + "/f").value(), "kept\n");
  // The mount point of the other mount lies in this one, for good.
  EXPECT_TRUE(PathExists(cache + "/deep/inside"));
  EXPECT_FALSE(PathExists(cache + "/deep/inside/f"));
}

TEST_F(MountsTest, AFileInMemory) {
  SandboxMount& mount = Mount(SandboxMount::Kind::kFile, "/run/secrets/s");
  mount.content = "hush";
  mount.mode = 0440;
  mount.uid = 3;
  mount.gid = 4;
  EXPECT_THAT(
      Changes("cat /run/secrets/s; stat -c ' %a %u %g' /run/secrets/s; echo x > /run/secrets/s || true"),
      IsEmpty());
  EXPECT_THAT(output_, HasSubstr("hush 440 3 4\n"));
  EXPECT_THAT(output_, HasSubstr("Read-only"));
}

TEST_F(MountsTest, TargetsFollowLinksAndTheLastOfOneTargetWins) {
  AddDirectory("real");
  AddLink("link", "real");
  AddLink("dangling", "nowhere/yet");
  MountSource("/link/m", true).source = "d";
  MountSource("/dangling", true).source = "d";
  Mount(SandboxMount::Kind::kTmpfs, "/twice");
  MountSource("/twice", true).source = "d";
  EXPECT_THAT(Changes("cat /real/m/f /nowhere/yet/f /twice/f"), IsEmpty());
  EXPECT_EQ(output_, "content\ncontent\ncontent\n");
}

TEST_F(MountsTest, WhatDoesNotFitIsSaid) {
  AddFile("file", "");
  MountSource("/file", true);
  EXPECT_THAT(Run("true")->start_error, HasSubstr("cannot mount on /file: a file is there"));
  options_.mounts.clear();
  MountSource("/bin", true).source = "d/f";
  EXPECT_THAT(Run("true")->start_error, HasSubstr("cannot mount on /bin: a directory is there"));
  options_.mounts.clear();
  MountSource("/m", true).source = "nope";
  EXPECT_THAT(Run("true")->start_error, HasSubstr("cannot mount on /m: /nope is not there"));
  options_.mounts.clear();
  MountSource("/file/below", true);
  EXPECT_THAT(Run("true")->start_error, HasSubstr("cannot mount on /file/below"));
  options_.mounts.clear();
  MountSource("/m", true);
  Mount(SandboxMount::Kind::kTmpfs, "/m/missing");
  EXPECT_THAT(Run("true")->start_error, HasSubstr("cannot mount on /m/missing: cannot create"));
}

}  // namespace
}  // namespace kasane
