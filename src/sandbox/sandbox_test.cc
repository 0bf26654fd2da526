#include "src/sandbox/sandbox.h"

#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "src/sandbox/lowerfs_nodes.h"
#include "src/sandbox/sandbox_test_util.h"

namespace kasane {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(SandboxTest, AnEmptyRunChangesNothing) { EXPECT_THAT(Changes("true"), IsEmpty()); }

TEST_F(SandboxTest, ReadsTheTreeBelow) {
  AddFile("etc/motd", "hello\n").entry.uid = 7;
  AddLink("etc/link", "motd");
  EXPECT_THAT(Changes("cat /etc/link; stat -c '%a %u %s %Y' /etc/motd; readlink /etc/link; ls /etc"),
              IsEmpty());
  EXPECT_EQ(output_, "hello\n644 7 6 1700000000\nmotd\nhosts\nlink\nmotd\nresolv.conf\n");
}

TEST_F(SandboxTest, LayersLieBelowTheTree) {
  const std::string one = directory_ + "/one", two = directory_ + "/two";
  for (const std::string& layer : {one, two}) ASSERT_TRUE(MakeDirs(layer + "/d/c").ok());
  ASSERT_TRUE(WriteFileAtomic(one + "/d/c/x", "new\n").ok());
  ASSERT_TRUE(WriteFileAtomic(two + "/d/c/x", "old\n").ok());
  ASSERT_TRUE(WriteFileAtomic(two + "/d/c/y", "y\n").ok());
  AddDirectory("d");
  AddFile("d/z", "z\n");
  DeltaEntry way;
  way.path = "d/c";
  way.entry.type = EntryType::kDirectory;
  way.entry.mode = 0750;
  options_.also_shown = *Delta::FromEntries({way});
  options_.lower_layers = {one, two};
  EXPECT_THAT(Changes("cat /d/c/x /d/c/y /d/z; stat -c %a /d/c; echo more >> /d/c/y"),
              ElementsAre("d implied", "d/c implied", "d/c/y 7"));
  EXPECT_EQ(output_, "new\ny\nz\n750\n");
  EXPECT_EQ(*ReadFile(two + "/d/c/y"), "y\n");
}

TEST_F(SandboxTest, DirectoriesShowConstants) {
  AddDirectory("d");
  AddDirectory("d/e");
  Changes("stat -c '%s %h %Y' /d /d/e /");
  std::string line = absl::StrCat("4096 1 ", kDirectoryTime, "\n");
  EXPECT_EQ(output_, line + line + line);
}

TEST_F(SandboxTest, HardLinksBelowShareAnInode) {
  AddFile("a", "x").entry.link_group = 5;
  AddFile("b", "x").entry.link_group = 5;
  AddFile("c", "x");
  Changes(
      "stat -c '%h' a b c; [ $(stat -c %i a) = $(stat -c %i b) ] && [ $(stat -c %i a) != $(stat -c %i c) ] "
      "&& echo same");
  EXPECT_EQ(output_, "2\n2\n1\nsame\n");
}

TEST_F(SandboxTest, NewFilesAndTheirDirectories) {
  AddDirectory("usr");
  AddDirectory("usr/bin");
  EXPECT_THAT(Changes("echo hi > /usr/bin/x"), ElementsAre("usr implied", "usr/bin", "usr/bin/x 3"));
  EXPECT_EQ(Changed("usr").mtime.seconds, 1700000000);
  EXPECT_GT(Changed("usr/bin").mtime.seconds, 1700000000);
  EXPECT_EQ(store_->ReadBlob(Changed("usr/bin/x").content).value(), "hi\n");
}

TEST_F(SandboxTest, WhatIsAsItWasIsNoChange) {
  AddFile("etc/f", "x");
  EXPECT_THAT(
      Changes("chmod 600 /etc/f; chmod 644 /etc/f; chmod 755 /etc; touch /etc; mkdir /etc/d; rmdir /etc/d"),
      IsEmpty());
  EXPECT_THAT(Changes("chmod 700 /etc"), ElementsAre("etc"));
  EXPECT_EQ(Changed("etc").mtime.seconds, 1700000000);
}

TEST_F(SandboxTest, ATreeWithoutXattrs) {
  options_.no_xattrs = true;
  AddFile("etc/f", "x");
  AddFile("etc/g", "x");
  EXPECT_THAT(Changes("chmod 600 /etc/f; mv /etc/g /etc/h; echo y >> /etc/f"),
              ElementsAre("etc", "etc/f 3", "etc/g gone", "etc/h 1"));
  uint64_t asked = RunInSandbox(store_.get(), MakeTree(), options_)->requests[FUSE_GETXATTR];
  EXPECT_EQ(asked, 1);
}

TEST_F(SandboxTest, Removals) {
  AddFile("etc/f", "x");
  AddDirectory("etc/d");
  AddFile("etc/d/g", "x");
  AddFile("etc/d/h", "x");
  EXPECT_THAT(Changes("rm /etc/f; rm -r /etc/d"), ElementsAre("etc", "etc/d gone", "etc/f gone"));
  EXPECT_THAT(Changes("rm -r /etc/d; mkdir /etc/d; touch /etc/d/h /etc/d/i"),
              ElementsAre("etc", "etc/d", "etc/d/g gone", "etc/d/h 0", "etc/d/i 0"));
  EXPECT_THAT(Changes("rm /etc/f; mkdir /etc/f; touch /etc/f/x"), ElementsAre("etc", "etc/f", "etc/f/x 0"));
}

TEST_F(SandboxTest, HardLinksMade) {
  AddFile("old", "x");
  EXPECT_THAT(Changes("echo a > a; ln a b; ln old new"), ElementsAre("a 2", "b 2", "new 1"));
  EXPECT_NE(Changed("a").link_group, 0);
  EXPECT_EQ(Changed("a").link_group, Changed("b").link_group);
  EXPECT_EQ(Changed("new").link_group, 0);
}

TEST_F(SandboxTest, SpecialFiles) {
  EXPECT_THAT(Changes("mkfifo p; mknod n c 1 3; ln -s t l"), ElementsAre("l", "n", "p"));
  EXPECT_EQ(Changed("n").type, EntryType::kCharDevice);
  EXPECT_EQ(Changed("n").device_minor, 3);
  EXPECT_EQ(Changed("p").type, EntryType::kFifo);
  EXPECT_EQ(Changed("l").link_target, "t");
}

TEST_F(SandboxTest, DevicesOfItsOwn) {
  DeviceNode node;
  node.path = "/dev/d/fuse", node.host = "/dev/fuse";
  node.mode = S_IFCHR | 0640;
  node.major = 10, node.minor = 229;
  node.gid = 7;
  node.access = "r";
  options_.devices = {node};
  EXPECT_THAT(Changes("stat -c '%a %g' /dev/d/fuse; exec 3</dev/d/fuse; ! (exec 3>/dev/d/fuse)"), IsEmpty());
  EXPECT_THAT(output_, testing::StartsWith("640 7\n"));
  options_.devices.clear();
  EXPECT_THAT(Changes("mknod n c 10 229; ! (exec 3<n)"), ElementsAre("n"));
}

TEST_F(SandboxTest, EpochIsTheTimeOfAll) {
  options_.epoch = 12345;
  Changes("mkdir d; touch d/f");
  EXPECT_EQ(Changed("d").mtime, (Timestamp{12345, 0}));
  EXPECT_EQ(Changed("d/f").mtime, (Timestamp{12345, 0}));
}

TEST_F(SandboxTest, MountPointsLeaveWhatRuncLeaves) {
  entries_.erase(entries_.begin() + 3, entries_.end());  // dev, etc, proc, sys, tmp
  EXPECT_THAT(Changes("[ -f /etc/hosts ]"), ElementsAre("dev", "proc", "sys"));
  EXPECT_THAT(Changes("touch /etc/x"), ElementsAre("dev", "etc", "etc/x 0", "proc", "sys"));
}

TEST_F(SandboxTest, ResolvConfBehindALinkIsMountedWhereItLeads) {
  AddLink("etc/resolv.conf", "../run/systemd/resolv.conf");
  EXPECT_THAT(Changes("grep -q nameserver /etc/resolv.conf && [ -f /run/systemd/resolv.conf ]"), IsEmpty());
}

TEST_F(SandboxTest, WorkdirIsMadeForTheUser) {
  options_.workdir = "/a/b";
  options_.uid = options_.gid = 9;
  options_.groups = {9};
  EXPECT_THAT(Changes("pwd; id -u; touch x"), ElementsAre("a", "a/b", "a/b/x 0"));
  EXPECT_EQ(output_, "/a/b\n9\n");
  EXPECT_EQ(Changed("a/b").uid, 9);
}

TEST_F(SandboxTest, IsPidOneOfASessionOfItsOwn) {
  Changes("echo $$; kill -TERM $$; echo still here; cat; tr ' ' '\\n' < /proc/self/stat | sed -n '4,6p'");
  EXPECT_EQ(output_, "1\nstill here\n1\n1\n1\n");
}

TEST_F(SandboxTest, RightsAreThoseOfAContainer) {
  Changes("grep -E '^(Cap|NoNewPrivs|Seccomp:|Groups|SigIgn|SigBlk)' /proc/self/status; hostname; umask");
  EXPECT_EQ(output_,
            "Groups:\t0 \nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"
            "CapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\n"
            "CapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t2\n"
            "buildkitsandbox\n0022\n");
}

TEST_F(SandboxTest, CannotReachTheHost) {
  auto result =
      Run("mount -t tmpfs x /tmp; umount /proc; echo 1 > /proc/sys/kernel/panic; ls /sys/firmware "
          "/proc/acpi; cat /proc/keys;"
          "mknod /disk b 254 0; dd if=/disk of=/dev/null bs=1 count=1 2>&1; mknod /dev/mem c 1 1; head -c1 "
          "/dev/mem");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(output_, HasSubstr("can't open '/disk'"));
  EXPECT_THAT(output_, HasSubstr("/dev/mem: Operation not permitted"));
}

TEST_F(SandboxTest, FailuresAreTold) {
  EXPECT_EQ(Run("exit 3").value().exit_code, 3);
  EXPECT_EQ(Run("sh -c 'kill -9 $$'; exit $?").value().exit_code, 137);
  options_.argv = {"nothing-like-it"};
  SandboxResult result = RunInSandbox(store_.get(), MakeTree(), options_).value();
  EXPECT_EQ(result.exit_code, 127);
  EXPECT_EQ(result.start_error, "nothing-like-it: not found in $PATH");
}

TEST_F(SandboxTest, AMissingBlobFailsTheRunWhateverItSays) {
  std::string path = store_->LooseBlobPath(AddFile("etc/f", "some text").entry.content).value();
  ASSERT_EQ(unlink(path.c_str()), 0);
  absl::StatusOr<SandboxResult> result = Run("cat /etc/f || true");
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("/etc/f"));
}

TEST_F(SandboxTest, NetworkNoneHasLoopbackOnly) {
  options_.network = Network::kNone;
  Changes("ls /sys/class/net; ping -c 1 127.0.0.1 >/dev/null && echo up");
  EXPECT_EQ(output_, "lo\nup\n");
}

TEST_F(SandboxTest, HostsAndInlineFiles) {
  options_.add_hosts = {{"there", "10.1.2.3"}};
  options_.inline_files = {{"script", "#!/bin/sh\necho ran\n"}};
  EXPECT_THAT(Changes("cat /etc/hosts; /dev/pipes/script"), IsEmpty());
  EXPECT_EQ(output_,
            "127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost "
            "ip6-loopback\n10.1.2.3\tthere\nran\n");
}

TEST_F(SandboxTest, WhatIsLeftRunningDies) {
  EXPECT_THAT(Changes("(sleep 1; echo late > /late) >/dev/null 2>&1 & echo done"), IsEmpty());
}

// True while a process with this argument lives.
bool Lives(const std::string& argument) {
  DIR* dir = opendir("/proc");
  bool found = false;
  while (dirent* entry = readdir(dir)) {
    // Not there: no process, or one that has ended meanwhile.
    const std::string text = ReadFile(absl::StrCat("/proc/", entry->d_name, "/cmdline")).value_or("");
    const std::vector<std::string> words = absl::StrSplit(text, '\0');
    found |= words.size() >= 2 && words[words.size() - 2] == argument;
  }
  closedir(dir);
  return found;
}

TEST_F(SandboxTest, KilledWithItsStarter) {
  std::string marker = absl::StrCat("98", getpid());
  pid_t pid = fork();
  if (pid == 0) {
    Run(absl::StrCat("sleep ", marker)).IgnoreError();
    _exit(0);
  }
  auto wait_until = [&](bool wanted) {
    for (int i = 0; i < 1000 && Lives(marker) != wanted; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return Lives(marker) == wanted;
  };
  EXPECT_TRUE(wait_until(true));
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  EXPECT_TRUE(wait_until(false));
}

}  // namespace
}  // namespace kasane
