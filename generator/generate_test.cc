#include "generator/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "generator/ninja_writer.h"
#include "generator/test_plan.h"
#include "src/base/file.h"
#include "src/base/json.h"

namespace kasane {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A context, a store and a gen-net that counts how often it is asked.
class GenerateTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = RealPath(testing::TempDir()) + "/generate";
    ASSERT_TRUE(RemoveTree(root_).ok());
    ASSERT_TRUE(MakeDirs(root_ + "/app").ok());
    ASSERT_EQ(chdir((root_ + "/app").c_str()), 0);
    setenv("KASANE_STORE", (root_ + "/store").c_str(), 1);
    Write("../gen-net", "#!/bin/sh\necho x >>" + root_ + "/asked\ncat " + root_ + "/answer\n");
    ASSERT_EQ(chmod((root_ + "/gen-net").c_str(), 0755), 0);
    ResolvedImage image = TestImage("alpine", 1);
    image.config = R"({"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"]},"rootfs":{}})";
    Write("../answer", EncodeResolvedImage(image));
    Write("Dockerfile", "FROM alpine\nCOPY main.go lib /src/\nRUN make\n");
    Write("main.go", "package main\n");
    ASSERT_TRUE(MakeDirs("lib").ok());
    Write("lib/a.go", "");
  }
  void Write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomic(path, text).ok());
  }
  std::string Read(const std::string& path) { return ReadFile(path).value_or("(none)"); }
  int64_t Mtime(const std::string& path) {
    struct stat info;
    EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
    return int64_t{info.st_mtim.tv_sec} * 1000000000 + info.st_mtim.tv_nsec;
  }
  int Gen(const Options& options = Options()) {
    Messages messages(false);
    int exit_code = Generate(options, {"/bin/gen", root_ + "/gen-net"}, &messages);
    said_ = messages.text();
    return exit_code;
  }
  int Again(const std::string& state = ".kasane") {
    Messages messages(false);
    int exit_code = Regenerate(state, /*noted=*/false, {"/bin/gen", root_ + "/gen-net"}, &messages);
    said_ = messages.text();
    return exit_code;
  }
  size_t Asked() {
    std::string asked = ReadFile(root_ + "/asked").value_or("");
    return asked.size() / 2;
  }
  std::string root_;
  std::string said_;
};

TEST_F(GenerateTest, WritesABuildThatIsTheSameTheSecondTime) {
  ASSERT_EQ(Gen(), 0) << said_;
  EXPECT_EQ(said_, "");
  EXPECT_EQ(Read("build.ninja"), NinjaStub());
  EXPECT_EQ(Read(".kasane/.gitignore"), "*\n");
  std::string ninja = Read(".kasane/image.ninja");
  EXPECT_THAT(ninja, HasSubstr("| ${kasane}lib/a.go ${kasane}main.go\n"));
  EXPECT_THAT(Read(".kasane/stamp.d"), HasSubstr(".kasane/stamp: \\\n  . \\\n  ../store/id \\\n"));
  EXPECT_THAT(Read(".kasane/stamp.d"), HasSubstr(" \\\n  Dockerfile \\\n  lib\n"));
  EXPECT_GE(Mtime(".kasane/stamp"), Mtime("."));

  int64_t before = Mtime(".kasane/image.ninja"), stub = Mtime("build.ninja"), stamp = Mtime(".kasane/stamp");
  ASSERT_EQ(Gen(), 0);
  EXPECT_EQ(Mtime(".kasane/image.ninja"), before);
  EXPECT_EQ(Mtime("build.ninja"), stub);
  EXPECT_GT(Mtime(".kasane/stamp"), stamp);
  EXPECT_EQ(Asked(), 1u);
}

TEST_F(GenerateTest, AMistakeLeavesAllAsItWas) {
  ASSERT_EQ(Gen(), 0);
  std::string ninja = Read(".kasane/image.ninja");
  int64_t stamp = Mtime(".kasane/stamp");
  Write("Dockerfile", "FROM alpine\nCOPY main.c /\n");
  EXPECT_EQ(Gen(), 1);
  EXPECT_EQ(said_,
            "Dockerfile:2:6: error: \"main.c\" not found in the build context\n"
            "  COPY main.c /\n"
            "       ^~~~~~\n"
            "  help: did you mean \"main.go\"?\n");
  EXPECT_EQ(Read(".kasane/image.ninja"), ninja);
  EXPECT_EQ(Mtime(".kasane/stamp"), stamp);
}

TEST_F(GenerateTest, AMistakeTheFirstTimeWritesNothing) {
  Write("Dockerfile", "FROM alpine\nCOPY --from=later /x /\nFROM alpine AS later\n");
  Write("../gen-net",
        "#!/bin/sh\necho 'gen-net: warning: slow' >&2\necho 'gen-net: later: not found' >&2\nexit 1\n");
  ASSERT_EQ(chmod("../gen-net", 0755), 0);
  EXPECT_EQ(Gen(), 1);
  EXPECT_THAT(said_, HasSubstr("error: later: not found\n"));
  EXPECT_FALSE(PathExists(".kasane"));
  EXPECT_FALSE(PathExists("build.ninja"));
}

TEST_F(GenerateTest, ASourceThatIsIgnoredIsSaidToBe) {
  Write(".dockerignore", "*.go\n");
  EXPECT_EQ(Gen(), 1);
  EXPECT_THAT(said_, HasSubstr("  help: it is left out by .dockerignore\n"));
}

TEST_F(GenerateTest, ChecksThatNeedTheContextAreMade) {
  Write("Dockerfile", "FROM alpine\nCOPY li* /src/\nCOPY main.go /\nRUN chown -R 1 /src\n");
  Write(".dockerignore", "lib\n!main.go\n");
  ASSERT_EQ(Gen(), 0) << said_;
  EXPECT_EQ(
      said_,
      "Dockerfile:2:6: warning: \"li*\" copies nothing: .dockerignore leaves out the file it stands for "
      "[CopyIgnoredSource]\n"
      "  COPY li* /src/\n"
      "       ^~~\n"
      "  help: add !li* at the end of .dockerignore\n"
      "Dockerfile:4:1: warning: chown -R of /src runs again when any file in it is edited, and stores all "
      "twice [RunRerunsOften]\n"
      "  RUN chown -R 1 /src\n"
      "  ^~~~~~~~~~~~~~~~~~~\n"
      "  help: give the COPY --chown=1 instead\n");
  Write("Dockerfile", "# check=skip=all\nFROM alpine\nCOPY li* /src/\nCOPY main.go /\nRUN chown -R 1 /src\n");
  ASSERT_EQ(Gen(), 0);
  EXPECT_EQ(said_, "");
}

TEST_F(GenerateTest, AStrangersBuildNinjaIsLeftAlone) {
  Write("build.ninja", "rule cc\n");
  EXPECT_EQ(Gen(), 1);
  EXPECT_EQ(said_, "error: " + root_ +
                       "/app/build.ninja was not written by gen and is left alone\n"
                       "  help: choose another build directory: gen -C DIR\n");
  EXPECT_FALSE(PathExists(".kasane"));
  Options elsewhere;
  elsewhere.build_dir = "../out";
  EXPECT_EQ(Gen(elsewhere), 0) << said_;
  EXPECT_EQ(Read("build.ninja"), "rule cc\n");
  EXPECT_THAT(Read("../out/.kasane/image.ninja"), HasSubstr(" ${kasane}../app/main.go\n"));
}

TEST_F(GenerateTest, RegenerationHasTheSameOptionsAndAGenByHandTheDefaults) {
  Options options;
  options.tags = {"docker.io/library/app:1"};
  options.no_cache = true;
  ASSERT_EQ(Gen(options), 0);
  EXPECT_THAT(Read(".kasane/image.ninja"), HasSubstr("what = image docker.io/library/app:1\n"));
  EXPECT_THAT(Read(".kasane/image.ninja"), HasSubstr(" --fresh "));
  std::string before = Read(".kasane/image.ninja");
  ASSERT_EQ(Again(), 0) << said_;
  EXPECT_EQ(Read(".kasane/image.ninja"), before);
  ASSERT_EQ(Gen(), 0);
  EXPECT_THAT(Read(".kasane/image.ninja"), HasSubstr("what = image\n"));
  EXPECT_THAT(Read(".kasane/image.ninja"), Not(HasSubstr("--fresh")));
}

TEST_F(GenerateTest, TheDepfileFitsTheNinjaThatAsked) {
  ASSERT_EQ(Gen(), 0);
  ASSERT_EQ(chdir(".."), 0);
  ASSERT_EQ(Again("app/.kasane"), 0) << said_;
  EXPECT_THAT(Read(".kasane/stamp.d"),
              HasSubstr("app/.kasane/stamp: \\\n  app \\\n  app/Dockerfile \\\n  app/lib"));
  ASSERT_EQ(Gen(), 0);  // typed by hand: the prefix stays
  EXPECT_THAT(Read(".kasane/stamp.d"), HasSubstr("app/.kasane/stamp: "));
}

TEST_F(GenerateTest, PullAsksAgain) {
  ASSERT_EQ(Gen(), 0);
  Options options;
  options.pull = true;
  ASSERT_EQ(Gen(options), 0);
  EXPECT_EQ(Asked(), 2u);
  ASSERT_EQ(Again(), 0);
  EXPECT_EQ(Asked(), 2u);
}

TEST_F(GenerateTest, ACommentMovesLinesAndNoCommand) {
  ASSERT_EQ(Gen(), 0);
  auto commands = [&] {
    std::string kept, ninja = Read(".kasane/image.ninja");
    for (size_t at = 0, end; (end = ninja.find('\n', at)) != std::string::npos; at = end + 1) {
      if (ninja[at] != '#') kept += ninja.substr(at, end + 1 - at);
    }
    return kept;
  };
  std::string before = commands();
  Write("Dockerfile", "# new\n" + Read("Dockerfile"));
  ASSERT_EQ(Gen(), 0);
  EXPECT_THAT(Read(".kasane/image.ninja"), HasSubstr("# Dockerfile:4 RUN make\n"));
  std::string after = commands();
  EXPECT_EQ(after, before);
}

TEST_F(GenerateTest, FilesNamedLikeTargetsAreInputsAllTheSame) {
  Write("Dockerfile", "FROM scratch\nCOPY . /\n");
  Write("image", "");
  ASSERT_TRUE(MakeDirs("stage").ok());
  Write("stage/build", "");
  ASSERT_EQ(Gen(), 0) << said_;
  EXPECT_THAT(Read(".kasane/image.ninja"), HasSubstr(" " + root_ + "/app/image "));
  EXPECT_THAT(Read(".kasane/image.ninja"), HasSubstr(" " + root_ + "/app/stage/build\n"));
}

TEST_F(GenerateTest, DumpedGraphIsTheWrittenOne) {
  ASSERT_EQ(Gen(), 0);
  std::string text;
  Messages messages(false);
  ASSERT_TRUE(DumpGraph(Options(), {"/bin/gen", root_ + "/gen-net"}, &text, &messages));
  absl::StatusOr<Json> json = ParseJson(text, "graph");
  ASSERT_TRUE(json.ok());
  for (const Json& edge : (*json)["edges"]) {
    std::string digest = edge["command"][edge["command"].size() - 2];
    EXPECT_THAT(Read(".kasane/image.ninja"), HasSubstr("  spec = " + digest + "\n"));
  }
}

}  // namespace
}  // namespace kasane
