#include "generator/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "generator/ninja_writer.h"
#include "src/base/file.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;

class LayoutTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = RealPath(testing::TempDir()) + "/layout";
    ASSERT_TRUE(RemoveTree(root_).ok());
    ASSERT_TRUE(MakeDirs(root_ + "/app/sub").ok());
    Write("app/Dockerfile", "FROM scratch\n");
  }
  void Write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomic(root_ + "/" + path, text).ok());
  }
  Layout Find(const Options& options) {
    Layout layout;
    Diagnostic error;
    EXPECT_TRUE(FindLayout(options, &layout, &error)) << error.message;
    return layout;
  }
  std::string Error(const Options& options) {
    Layout layout;
    Diagnostic error;
    EXPECT_FALSE(FindLayout(options, &layout, &error));
    return error.message;
  }
  Options Context(const std::string& name) {
    Options options;
    options.context = root_ + "/" + name;
    return options;
  }
  std::string root_;
};

TEST_F(LayoutTest, InTheContextByDefault) {
  Layout layout = Find(Context("app"));
  EXPECT_EQ(layout.context, root_ + "/app");
  EXPECT_EQ(layout.build_dir, root_ + "/app");
  EXPECT_EQ(layout.dockerfile, root_ + "/app/Dockerfile");
  EXPECT_EQ(layout.state(), root_ + "/app/.kasane");
  EXPECT_THAT(OwnFilesInContext(layout, layout.context, {}), ElementsAre(".kasane", "build.ninja"));
}

TEST_F(LayoutTest, ABuildDirectoryElsewhereSeesTheContextByARelativePath) {
  Options options = Context("app");
  options.build_dir = root_ + "/out/deep";  // does not exist yet
  Layout layout = Find(options);
  EXPECT_EQ(layout.FromBuildDir(layout.context + "/main.go"), "../../app/main.go");
  EXPECT_EQ(AsSeenFromBuildDir(options, layout).context, "../../app");
  EXPECT_EQ(AsSeenFromBuildDir(options, layout).file, "../../app/Dockerfile");
  EXPECT_THAT(OwnFilesInContext(layout, layout.context, {}), ElementsAre(".kasane"));
}

TEST_F(LayoutTest, PathsThroughTheRootAreAbsolute) {
  Layout layout = Find(Context("app"));
  EXPECT_EQ(layout.FromBuildDir("/no-such-top/x"), "/no-such-top/x");
}

TEST_F(LayoutTest, SymlinkedDirectoriesAreResolvedBeforePathsAreMadeRelative) {
  ASSERT_EQ(symlink((root_ + "/app/sub").c_str(), (root_ + "/link").c_str()), 0);
  Options options = Context("app");
  options.build_dir = root_ + "/link";
  EXPECT_EQ(Find(options).FromBuildDir(root_ + "/app/x"), "../x");
}

TEST_F(LayoutTest, ABuildDirectoryOfItsOwnIsNoPartOfTheContext) {
  Options options = Context("app");
  options.build_dir = root_ + "/app/out";
  EXPECT_THAT(
      OwnFilesInContext(Find(options), Find(options).context, {root_ + "/app/x.tar", "/elsewhere.tar"}),
      ElementsAre(".kasane", "out", "x.tar"));
  Write("app/sub/main.go", "");
  options.build_dir = root_ + "/app/sub";
  EXPECT_THAT(OwnFilesInContext(Find(options), Find(options).context, {}),
              ElementsAre(".kasane", "sub/.kasane", "sub/build.ninja"));
}

TEST_F(LayoutTest, AStrangersBuildNinjaBelongsToTheContext) {
  Options options = Context("app");
  options.build_dir = root_ + "/out";
  Write("app/build.ninja", "rule cc\n");
  EXPECT_THAT(OwnFilesInContext(Find(options), Find(options).context, {}), ElementsAre(".kasane"));
  Write("app/build.ninja", std::string(NinjaStub()));
  EXPECT_THAT(OwnFilesInContext(Find(options), Find(options).context, {}),
              ElementsAre(".kasane", "build.ninja"));
}

TEST_F(LayoutTest, LowerCaseDockerfileIsTheSecondChoice) {
  ASSERT_EQ(rename((root_ + "/app/Dockerfile").c_str(), (root_ + "/app/dockerfile").c_str()), 0);
  EXPECT_EQ(Find(Context("app")).dockerfile, root_ + "/app/dockerfile");
}

TEST_F(LayoutTest, WhatIsMissingIsNamed) {
  EXPECT_EQ(Error(Context("none")), "context directory " + root_ + "/none does not exist");
  EXPECT_EQ(Error(Context("app/Dockerfile")), "context " + root_ + "/app/Dockerfile is not a directory");
  EXPECT_EQ(Error(Context("app/sub")), root_ + "/app/sub/Dockerfile does not exist");
  Options options = Context("app");
  options.file = root_ + "/app/Dockerfile.x";
  EXPECT_EQ(Error(options), root_ + "/app/Dockerfile.x does not exist");
}

}  // namespace
}  // namespace kasane
