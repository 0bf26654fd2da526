#include "src/config/lock_file.h"

#include <gtest/gtest.h>

namespace kasane {
namespace {

std::string Error(const std::string& text) {
  LockedNames lock;
  Diagnostic error;
  EXPECT_FALSE(ParseLockFile(text, "kasane.lock", &lock, &error));
  return Render(error, text, false);
}

TEST(LockFileTest, RoundTrip) {
  LockedNames lock;
  lock.images["docker.io/library/a:latest linux/amd64"] = Sha256Of("a");
  lock.files["https://x/\"y\""] = Sha256Of("b");
  lock.repositories["https://x/y.git main"] = {"refs/heads/main", "0123", "4567"};
  const std::string text = EncodeLockFile(lock);
  LockedNames again;
  Diagnostic error;
  ASSERT_TRUE(ParseLockFile(text, "kasane.lock", &again, &error)) << error.message;
  EXPECT_EQ(EncodeLockFile(again), text);
  EXPECT_EQ(again.files.begin()->first, "https://x/\"y\"");
}

TEST(LockFileTest, MistakesHaveAPlace) {
  EXPECT_NE(Error("version = 2\n").find("kasane.lock:1:1: error: the lock file is not of version 1"),
            std::string::npos);
  const std::string wrong = Error("version = 1\n[image]\na = \"sha256:12\"\n");
  EXPECT_NE(wrong.find("kasane.lock:3:5"), std::string::npos) << wrong;
  EXPECT_NE(Error("version = 1\nimage = 3\n").find("image is a table"), std::string::npos);
  EXPECT_NE(Error("version = 1\n[repository]\nx = {}\n").find("commit"), std::string::npos);
}

}  // namespace
}  // namespace kasane
