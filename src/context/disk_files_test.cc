#include "src/context/disk_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "src/base/file.h"

namespace kasane {
namespace {

class DiskFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "/disk_files";
    ASSERT_TRUE(RemoveTree(root_).ok());
    for (const char* directory : {"/src/deep", "/docs", "/empty/empty", "/.kasane"}) {
      ASSERT_TRUE(MakeDirs(root_ + directory).ok());
    }
    for (const char* file :
         {"/a.txt", "/b.txt", "/src/a.c", "/src/b.c", "/src/deep/c.c", "/docs/a.c", "/.kasane/x"}) {
      ASSERT_TRUE(WriteFileAtomic(root_ + file, "").ok());
    }
    ASSERT_EQ(symlink("src", (root_ + "/link").c_str()), 0);
  }
  size_t Count(const std::string& source, size_t limit = 100) {
    return CountDiskFiles(root_, source, {".kasane"}, limit);
  }
  std::string root_;
};

TEST_F(DiskFilesTest, AWordStandsForItsFiles) {
  EXPECT_EQ(Count("a.txt"), 1u);
  EXPECT_EQ(Count("src"), 3u);
  EXPECT_EQ(Count("src/deep/"), 1u);
  EXPECT_EQ(Count("*.txt"), 2u);
  EXPECT_EQ(Count("*/a.c"), 2u);
  EXPECT_EQ(Count("s*/*"), 3u);
  EXPECT_EQ(Count("*/*/c.c"), 1u);
  EXPECT_EQ(Count("."), 7u);
  EXPECT_EQ(Count("/src/a.c"), 1u);
}

TEST_F(DiskFilesTest, NothingIsNoFile) {
  EXPECT_EQ(Count("gone"), 0u);
  EXPECT_EQ(Count("*.none"), 0u);
  EXPECT_EQ(Count("empty"), 0u);
  EXPECT_EQ(Count("a.txt/b"), 0u);
  EXPECT_EQ(Count(".kasane"), 0u);
  EXPECT_EQ(Count(".kas*"), 0u);
}

TEST_F(DiskFilesTest, ALinkIsNotFollowed) { EXPECT_EQ(Count("link"), 1u); }

TEST_F(DiskFilesTest, CountsNoFurtherThanTheLimit) { EXPECT_EQ(Count(".", 2), 2u); }

}  // namespace
}  // namespace kasane
