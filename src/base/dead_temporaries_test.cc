#include "src/base/dead_temporaries.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

TEST(DeadTemporaries, ThoseOfLivingProcessesStay) {
  std::string dir = JoinPath(::testing::TempDir(), "temporaries");
  ASSERT_TRUE(RemoveTree(dir).ok());
  ASSERT_TRUE(MakeDirs(dir).ok());
  pid_t dead = fork();
  if (dead == 0) _exit(0);
  waitpid(dead, nullptr, 0);
  const std::string gone[] = {absl::StrCat("a.json.", dead, ".4.tmp"), absl::StrCat("a.json.", dead, ".tmp")};
  // 400: no number that WriteFileAtomic takes in this process.
  const std::string kept[] = {absl::StrCat("a.json.", getpid(), ".400.tmp"),
                              absl::StrCat("b.json.", dead, ".tmp"), "a.json", "a.json.tmp"};
  for (const std::string& name : gone) ASSERT_TRUE(WriteFileAtomic(JoinPath(dir, name), "").ok());
  for (const std::string& name : kept) ASSERT_TRUE(WriteFileAtomic(JoinPath(dir, name), "").ok());
  RemoveDeadTemporaries(dir + "/a.json.");
  for (const std::string& name : gone) EXPECT_FALSE(PathExists(JoinPath(dir, name))) << name;
  for (const std::string& name : kept) EXPECT_TRUE(PathExists(JoinPath(dir, name))) << name;
  ASSERT_TRUE(RemoveTree(dir).ok());
}

}  // namespace
}  // namespace kasane
