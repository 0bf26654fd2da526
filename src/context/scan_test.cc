#include "src/context/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/file.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

class ScanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "/scan_test";
    ASSERT_TRUE(RemoveTree(root_).ok());
    for (const char* path : {"a/b/c/y", "a/b/x", "a/z", "a-b", "d/q", "e/f/g", "n/m/o/keep", "n/m/drop"}) {
      const std::string full = root_ + "/" + path;
      ASSERT_TRUE(MakeDirs(std::string(Dirname(full))).ok());
      ASSERT_TRUE(WriteFileAtomic(full, "text").ok());
    }
  }
  void TearDown() override { ASSERT_TRUE(RemoveTree(root_).ok()); }

  ContextScan Scan(const std::vector<std::string>& ignore, const std::vector<std::string>& exclude = {}) {
    absl::StatusOr<ContextScan> scan = ScanContext(root_, *IgnoreMatcher::Compile(ignore), exclude);
    EXPECT_TRUE(scan.ok()) << scan.status();
    return *std::move(scan);
  }
  std::vector<std::string> Paths(const ContextScan& scan) {
    std::vector<std::string> paths;
    for (const ScanEntry& entry : scan.entries()) paths.push_back(entry.path);
    return paths;
  }

  std::string root_;
};

TEST_F(ScanTest, SortedByComponents) {
  const ContextScan scan = Scan({});
  EXPECT_THAT(Paths(scan), ElementsAre("", "a", "a/b", "a/b/c", "a/b/c/y", "a/b/x", "a/z", "a-b", "d", "d/q",
                                       "e", "e/f", "e/f/g", "n", "n/m", "n/m/drop", "n/m/o", "n/m/o/keep"));
  EXPECT_THAT(scan.directories(), ElementsAre("", "a", "a/b", "a/b/c", "d", "e", "e/f", "n", "n/m", "n/m/o"));
  EXPECT_EQ(scan.Find("a/b")->end, 6u);
  EXPECT_EQ(scan.entries()[0].end, 18u);
  EXPECT_EQ(scan.Find("a/b/x")->size, 4u);
  EXPECT_EQ(scan.Find("a/b/nope"), nullptr);
}

// What BuildKit's COPY . of the same tree holds, pattern by pattern (measured).
TEST_F(ScanTest, IgnoresAsBuildKitDoes) {
  EXPECT_THAT(Paths(Scan({"*", "!e/f"})), ElementsAre("", "e", "e/f", "e/f/g"));
  EXPECT_THAT(Paths(Scan({"**"})), ElementsAre(""));
  EXPECT_THAT(Paths(Scan({"**", "!a/z"})), ElementsAre("", "a", "a/z"));
  EXPECT_THAT(Paths(Scan({"[b-z]", "a-b", "a", "!a/b"})),
              ElementsAre("", "a", "a/b", "a/b/c", "a/b/c/y", "a/b/x"));
  EXPECT_THAT(Paths(Scan({"[b-z]", "a-b", "a", "!a/b", "a/b/c"})), ElementsAre("", "a", "a/b", "a/b/x"));
  EXPECT_THAT(Paths(Scan({"[b-z]", "a-b", "a/b", "!a"})), ElementsAre("", "a", "a/z"));
  EXPECT_THAT(Paths(Scan({"[a-e]*", "n", "!**/keep"})), ElementsAre("", "n", "n/m", "n/m/o", "n/m/o/keep"));
  EXPECT_THAT(Paths(Scan({"[a-d]*", "n", "e", "!e/nothing"})), ElementsAre(""));
}

TEST_F(ScanTest, PrunedDirectoriesAreNotRead) {
  EXPECT_THAT(Scan({"a", "n", "!n/x"}).directories(), ElementsAre("", "d", "e", "e/f", "n"));
  EXPECT_THAT(Scan({}, {"a/b", "e", "d/q", "n"}).directories(), ElementsAre("", "a", "d"));
  EXPECT_THAT(Paths(Scan({}, {"a/b", "e", "d/q", "n"})), ElementsAre("", "a", "a/z", "a-b", "d"));
}

TEST_F(ScanTest, OtherTypes) {
  ASSERT_EQ(symlink("../nowhere", (root_ + "/d/link").c_str()), 0);
  ASSERT_EQ(mkfifo((root_ + "/d/fifo").c_str(), 0600), 0);
  ASSERT_EQ(link((root_ + "/d/q").c_str(), (root_ + "/d/r").c_str()), 0);
  const ContextScan scan = Scan({});
  EXPECT_EQ(scan.Find("d/link")->target(), "../nowhere");
  EXPECT_EQ(scan.Find("d/link")->type, EntryType::kSymlink);
  EXPECT_EQ(scan.Find("d/fifo")->type, EntryType::kFifo);
  EXPECT_EQ(scan.Find("d/q")->inode, scan.Find("d/r")->inode);
  EXPECT_EQ(scan.Find("d/q")->links, 2u);
}

TEST_F(ScanTest, ManyDirectoriesByManyThreads) {
  std::vector<std::string> expected;
  for (int i = 100; i < 300; ++i) {
    const std::string dir = "many/d" + std::to_string(i);
    expected.push_back(dir);
    ASSERT_TRUE(MakeDirs(root_ + "/" + dir).ok());
    for (int j = 0; j < 5; ++j) {
      expected.push_back(dir + "/" + std::to_string(j));
      ASSERT_TRUE(WriteFileAtomic(root_ + "/" + expected.back(), "").ok());
    }
  }
  const ContextScan scan = Scan({});
  std::vector<std::string> found;
  const ScanEntry* many = scan.Find("many");
  for (size_t i = many - scan.entries().data() + 1; i < many->end; ++i)
    found.push_back(scan.entries()[i].path);
  EXPECT_THAT(found, ElementsAreArray(expected));
}

TEST_F(ScanTest, WhatMayNotBeReadIsMarked) {
  ASSERT_EQ(chmod((root_ + "/d/q").c_str(), 0), 0);
  ASSERT_EQ(chmod((root_ + "/n/m").c_str(), 0), 0);
  const pid_t child = fork();  // With root's capabilities nothing is unreadable.
  if (child == 0) {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2] = {};
    if (syscall(SYS_capset, &header, none) != 0) _exit(1);
    const ContextScan scan = Scan({});
    _exit(scan.Find("d/q")->unreadable == EACCES && scan.Find("n/m")->unreadable == EACCES &&
                  scan.Find("a/z")->unreadable == 0
              ? 0
              : 2);
  }
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  ASSERT_EQ(chmod((root_ + "/n/m").c_str(), 0700), 0);
}

TEST_F(ScanTest, NoSuchRoot) {
  EXPECT_EQ(ScanContext(root_ + "/nope", IgnoreMatcher(), {}).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace kasane
