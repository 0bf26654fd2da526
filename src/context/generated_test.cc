#include "src/context/generated.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/file.h"
#include "src/context/context_state.h"
#include "src/context/select.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class GeneratedTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "/generated";
    ASSERT_TRUE(RemoveTree(root_).ok());
    ASSERT_TRUE(MakeDirs(root_ + "/b").ok());
    ASSERT_TRUE(WriteFileAtomic(root_ + "/a", "a").ok());
    ASSERT_TRUE(WriteFileAtomic(root_ + "/b/x", "x").ok());
  }
  // Path, then what is after the last entry below it; "!" if it is absent.
  static std::vector<std::string> Show(const ContextScan& scan) {
    std::vector<std::string> out;
    for (const ScanEntry& entry : scan.entries()) {
      out.push_back(entry.path + " " + std::to_string(entry.end) + (entry.absent ? "!" : ""));
    }
    return out;
  }
  std::string root_;
};

TEST_F(GeneratedTest, WhatIsNotThereIsAddedWithItsDirectories) {
  ContextScan scan = *ScanContext(root_, IgnoreMatcher(), {});
  AddGenerated(root_, IgnoreMatcher(), {"a", "b-c", "b/w/server", "dist/"}, &scan);
  EXPECT_THAT(Show(scan),
              ElementsAre(" 8", "a 2", "b 6", "b/w 5!", "b/w/server 5!", "b/x 6", "b-c 7!", "dist 8!"));
  EXPECT_EQ(scan.Find("dist")->type, EntryType::kDirectory);
  EXPECT_EQ(scan.Find("b/w/server")->type, EntryType::kFile);

  CopySpec copy;
  copy.sources = {"b/*", "b/w/server"};
  Selection selection;
  SelectProblem problem;
  ASSERT_TRUE(SelectSources(ScanView(scan), copy, "context", &selection, &problem)) << problem.message;
  EXPECT_EQ(SelectedInputs(scan, selection).size(), 3u);
}

TEST_F(GeneratedTest, WhatIsIgnoredStaysOut) {
  const IgnoreMatcher ignore = *IgnoreMatcher::Compile({"out", "*.o"});
  ContextScan scan = *ScanContext(root_, ignore, {});
  AddGenerated(root_, ignore, {"out/server", "x.o"}, &scan);
  EXPECT_THAT(Show(scan), ElementsAre(" 4", "a 2", "b 4", "b/x 4"));
}

TEST_F(GeneratedTest, GeneratedFilesAloneNeedNoScan) {
  const std::vector<std::string> generated = {"a", "b/new", "d/"};
  absl::optional<ContextScan> scan = ScanGenerated(root_, IgnoreMatcher(), generated, {"/a", "b/../b/new"});
  ASSERT_TRUE(scan.has_value());
  EXPECT_THAT(Show(*scan), ElementsAre(" 4", "a 2", "b 4", "b/new 4!"));
  EXPECT_THAT(scan->directories(), IsEmpty());
  EXPECT_FALSE(ScanGenerated(root_, IgnoreMatcher(), generated, {"a", "b/x"}).has_value());
  EXPECT_FALSE(ScanGenerated(root_, IgnoreMatcher(), generated, {"d"}).has_value());
  EXPECT_FALSE(ScanGenerated(root_, IgnoreMatcher(), {"b"}, {"b"}).has_value());
  EXPECT_FALSE(ScanGenerated(root_, *IgnoreMatcher::Compile({"a"}), generated, {"a"}).has_value());
}

TEST_F(GeneratedTest, ADirectoryStandsBehindWhatWillBeInIt) {
  const std::vector<std::string> generated = {"dist/", "main.o"};
  EXPECT_THAT(ExpectedPaths(generated, {"dist/js/*.js", "dist/index.html", "other"}),
              ElementsAre("dist/", "main.o", "dist/js/", "dist/index.html"));
  EXPECT_THAT(DirectoriesBehind(generated, {"dist/*.js"}, {}), ElementsAre("dist"));
  EXPECT_THAT(DirectoriesBehind(generated, {"."}, {"dist", "main.o"}), ElementsAre("dist"));
  EXPECT_THAT(DirectoriesBehind(generated, {"distant"}, {"distant", "main.o"}), IsEmpty());
}

TEST_F(GeneratedTest, ARootThatIsNotThereYetIsEmpty) {
  const ContextScan scan = *ScanAll(root_ + "/none", IgnoreMatcher(), {}, {"server"});
  EXPECT_THAT(Show(scan), ElementsAre(" 1!"));
  EXPECT_FALSE(ScanAll(root_ + "/none", IgnoreMatcher(), {}, {}).ok());
}

}  // namespace
}  // namespace kasane
