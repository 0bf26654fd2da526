#include "generator/watched_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/real_path.h"
#include "src/contract/step.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DepfileInputs, TakesEscapesBack) {
  EXPECT_THAT(DepfileInputs(".kasane/stamp: \\\n  Dockerfile \\\n  a\\ b \\\n  c$$d\\#e\n"),
              ElementsAre("Dockerfile", "a b", "c$d#e"));
  EXPECT_THAT(DepfileInputs("stamp:\n"), IsEmpty());
  EXPECT_THAT(DepfileInputs("no colon"), IsEmpty());
}

class WatchedFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string root = RealPath(::testing::TempDir()) + "/watched.XXXXXX";
    root_ = mkdtemp(root.data());
    ASSERT_EQ(chdir(root_.c_str()), 0);
    ASSERT_TRUE(MakeDirs(".kasane").ok());
    Write("Dockerfile");
    ContextBindings bindings;
    bindings[""] = {".", {"*.md", "Dockerfile"}, {".kasane", "build.ninja"}, {}};
    Write(".kasane/context.json", EncodeContextBindings(bindings));
    Write(".kasane/stamp.d", ".kasane/stamp: \\\n  Dockerfile \\\n  .\n");
    ASSERT_TRUE(files_.Open().ok());
    const absl::StatusOr<bool> grown = files_.Follow({".kasane"}, {});
    ASSERT_TRUE(grown.ok()) << grown.status();
    EXPECT_TRUE(*grown);
  }
  void TearDown() override { RemoveTree(root_).IgnoreError(); }
  static void Write(const std::string& path, const std::string& text = "") {
    UniqueFd fd = OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC).value();
    ASSERT_TRUE(WriteAll(fd.get(), text, path).ok());
  }
  std::set<std::string> Changed() {
    std::set<std::string> changed;
    EXPECT_TRUE(files_.Take(&changed).ok());
    return changed;
  }
  std::string root_;
  WatchedFiles files_;
};

TEST_F(WatchedFilesTest, GoesByTheIgnoreFile) {
  Write("main.go");
  Write("README.md");
  Write("build.ninja");
  Write(".kasane/x");
  Write("Dockerfile");  // ignored by COPY, read by gen
  Write(".dockerignore");
  EXPECT_THAT(Changed(), ElementsAre(".dockerignore", "Dockerfile", "main.go"));
  EXPECT_THAT(Changed(), IsEmpty());
  ASSERT_EQ(chmod("main.go", 0755), 0);
  EXPECT_THAT(Changed(), ElementsAre("main.go"));
  ASSERT_EQ(rename("main.go", "other.md"), 0);
  EXPECT_THAT(Changed(), ElementsAre("main.go"));
  EXPECT_FALSE(*files_.Follow({".kasane"}, {}));
}

TEST_F(WatchedFilesTest, FollowsNewDirectories) {
  ASSERT_TRUE(MakeDirs("new/deep").ok());
  EXPECT_THAT(Changed(), ElementsAre("new"));
  Write("new/deep/file");
  EXPECT_THAT(Changed(), ElementsAre("new/deep/file"));
  ASSERT_TRUE(RemoveTree("new").ok());
  Changed();
  ASSERT_TRUE(MakeDirs("new").ok());
  EXPECT_THAT(Changed(), ElementsAre("new"));
  Write("new/again");
  EXPECT_THAT(Changed(), ElementsAre("new/again"));
}

}  // namespace
}  // namespace kasane
