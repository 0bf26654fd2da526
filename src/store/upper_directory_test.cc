#include "src/store/upper_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "src/base/file.h"

namespace kasane {
namespace {

class UpperDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/upper_directory_test.XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    top_ = name;
  }
  void TearDown() override { EXPECT_TRUE(RemoveTree(top_).ok()); }

  std::string Path(const std::string& path) { return JoinPath(top_, path); }
  void Write(const std::string& path, const std::string& content) {
    ASSERT_TRUE(MakeDirs(std::string(Dirname(Path(path)))).ok());
    ASSERT_TRUE(WriteFileAtomic(Path(path), content).ok());
  }
  std::string Read(const std::string& path) { return ReadFile(Path(path)).value_or("none"); }
  // False where this process or the file system may not.
  bool Whiteout(const std::string& path) {
    return mknod(Path(path).c_str(), S_IFCHR | 0000, makedev(0, 0)) == 0;
  }
  bool MakeOpaque(const std::string& path) {
    return setxattr(Path(path).c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0;
  }
  bool IsWhiteout(const std::string& path) {
    struct stat st;
    return lstat(Path(path).c_str(), &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == 0;
  }

  std::string top_;
};

TEST_F(UpperDirectoryTest, TheOneOnTopCounts) {
  Write("a/d/both", "old");
  Write("a/d/below", "below");
  Write("b/d/both", "new");
  Write("b/d/above", "above");
  ASSERT_EQ(chmod(Path("b/d").c_str(), 0550), 0);
  ASSERT_EQ(symlink("x", Path("b/link").c_str()), 0);
  ASSERT_TRUE(LayOnTop(Path("a"), Path("m")).ok());
  ASSERT_TRUE(LayOnTop(Path("b"), Path("m")).ok());
  EXPECT_EQ(Read("m/d/both"), "new");
  EXPECT_EQ(Read("m/d/below"), "below");
  EXPECT_EQ(Read("m/d/above"), "above");
  EXPECT_EQ(Read("a/d/both"), "old");  // it was linked, not written
  struct stat st;
  ASSERT_EQ(stat(Path("m/d").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0550u);
  ASSERT_EQ(lstat(Path("m/link").c_str(), &st), 0);
  EXPECT_TRUE(S_ISLNK(st.st_mode));
}

TEST_F(UpperDirectoryTest, WhiteoutsHideAndStay) {
  Write("a/d/x", "x");
  Write("a/gone/y", "y");
  Write("b/d/z", "z");
  if (!Whiteout("b/d/x") || !Whiteout("b/gone")) GTEST_SKIP() << "needs whiteouts";
  ASSERT_TRUE(LayOnTop(Path("a"), Path("m")).ok());
  ASSERT_TRUE(LayOnTop(Path("b"), Path("m")).ok());
  EXPECT_TRUE(IsWhiteout("m/d/x"));
  EXPECT_TRUE(IsWhiteout("m/gone"));
  // And what comes on top of one.
  Write("c/d/x", "again");
  ASSERT_TRUE(LayOnTop(Path("c"), Path("m")).ok());
  EXPECT_EQ(Read("m/d/x"), "again");
}

TEST_F(UpperDirectoryTest, OpaqueDirectoriesHideAndStayOpaque) {
  Write("a/d/x", "x");
  Write("b/d/y", "y");
  if (!MakeOpaque("b/d")) GTEST_SKIP() << "needs trusted xattrs";
  ASSERT_TRUE(LayOnTop(Path("a"), Path("m")).ok());
  ASSERT_TRUE(LayOnTop(Path("b"), Path("m")).ok());
  Write("c/d/z", "z");
  ASSERT_TRUE(LayOnTop(Path("c"), Path("m")).ok());
  EXPECT_EQ(Read("m/d/x"), "none");
  EXPECT_EQ(Read("m/d/y"), "y");
  EXPECT_EQ(Read("m/d/z"), "z");
  char value = 0;
  EXPECT_EQ(getxattr(Path("m/d").c_str(), "trusted.overlay.opaque", &value, 1), 1);
}

TEST_F(UpperDirectoryTest, MovedItIsTheSame) {
  Write("a/d/both", "old");
  Write("a/d/below", "below");
  Write("a/replaced/x", "x");
  Write("a/hidden/x", "x");
  Write("b/d/both", "new");
  Write("b/new/deep/er", "deep");
  Write("b/replaced", "a file now");
  Write("b/hidden/y", "y");
  ASSERT_EQ(chmod(Path("b/d").c_str(), 0550), 0);
  const bool whiteout = Whiteout("b/d/below"), opaque = MakeOpaque("b/hidden");
  ASSERT_TRUE(MoveOnTop(Path("a"), Path("m")).ok());
  ASSERT_TRUE(MoveOnTop(Path("b"), Path("m")).ok());
  EXPECT_EQ(Read("m/d/both"), "new");
  EXPECT_EQ(Read("m/new/deep/er"), "deep");
  EXPECT_EQ(Read("m/replaced"), "a file now");
  EXPECT_EQ(Read("m/hidden/y"), "y");
  EXPECT_EQ(Read("m/hidden/x"), opaque ? "none" : "x");
  EXPECT_EQ(IsWhiteout("m/d/below"), whiteout);
  struct stat st;
  ASSERT_EQ(stat(Path("m/d").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0550u);
  EXPECT_FALSE(PathExists(Path("a")));
  EXPECT_FALSE(PathExists(Path("b/new")));
}

TEST_F(UpperDirectoryTest, FromAnotherFileSystemItIsCopied) {
  char name[] = "/dev/shm/upper_directory_test.XXXXXX";
  if (mkdtemp(name) == nullptr) GTEST_SKIP() << "needs /dev/shm";
  const std::string other = name;
  ASSERT_TRUE(MakeDirs(other + "/a").ok());
  ASSERT_TRUE(WriteFileAtomic(other + "/a/x", std::string(100000, 'x')).ok());
  ASSERT_EQ(chmod((other + "/a/x").c_str(), 0640), 0);
  ASSERT_EQ(symlink("where", (other + "/a/link").c_str()), 0);
  const absl::Status status = LayOnTop(other + "/a", Path("m"));
  EXPECT_TRUE(RemoveTree(other).ok());
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Read("m/x"), std::string(100000, 'x'));
  struct stat st;
  ASSERT_EQ(stat(Path("m/x").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0640u);
  char target[16] = {};
  EXPECT_EQ(readlink(Path("m/link").c_str(), target, sizeof(target)), 5);
}

}  // namespace
}  // namespace kasane
