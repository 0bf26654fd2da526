#include "src/trace/recorder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "src/trace/process_table.h"
#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

class Seen : public SeenNode {
 public:
  Seen(const Node* node, const SeenNode* parent) : SeenNode(node, parent, 1) {}
};

// A tree with the files f and g; what asks is the kernel itself, which no profile is for.
class RecorderTest : public testing::Test {
 protected:
  RecorderTest()
      : tree_(Tree().Apply(TestDelta({TestFile("f", "one"), TestFile("g", "two")})).value()),
        processes_({nullptr, nullptr, tree_, {}}),
        root_(&tree_.root(), nullptr),
        f_(tree_.Lookup("f"), &root_) {}

  Recorder::Options Options() {
    Recorder::Options options;
    options.processes = &processes_;
    return options;
  }
  static uint32_t FactsOf(Recorder* recorder, const Tree& tree, const Delta& delta, const std::string& path) {
    const PathSet set = recorder->Finish(tree, delta).first;
    for (const Observation& observation : set) {
      if (observation.path == path) return observation.facts;
    }
    return 0;
  }

  const Tree tree_;
  ProcessTable processes_;
  const Seen root_, f_;
};

TEST_F(RecorderTest, TheSizeAtAFilesEndIsNoTime) {
  Recorder recorder(Options());
  EXPECT_FALSE(recorder.OnLookup(0, root_, "f", &f_));
  EXPECT_FALSE(recorder.OnSize(0, f_));
  EXPECT_EQ(FactsOf(&recorder, tree_, Delta(), "f"), fact::kType | fact::kMode | fact::kSize);
}

TEST_F(RecorderTest, AStatTellsAll) {
  Recorder recorder(Options());
  EXPECT_TRUE(recorder.OnGetattr(0, f_));
  EXPECT_TRUE(recorder.OnSize(0, f_));
  EXPECT_EQ(FactsOf(&recorder, tree_, Delta(), "f"), fact::kStat);
}

TEST_F(RecorderTest, OfABaseFileAllComesWithItsName) {
  Recorder::Options options = Options();
  options.base = tree_;
  Recorder recorder(std::move(options));
  EXPECT_TRUE(recorder.OnLookup(0, root_, "f", &f_));
  EXPECT_EQ(FactsOf(&recorder, tree_, Delta(), "f"), fact::kStat);
}

TEST_F(RecorderTest, AListIsKnownOnceAllOfItIsRecorded) {
  Recorder recorder(Options());
  EXPECT_FALSE(recorder.KnowsList(root_));
  recorder.OnOpendir(0, root_);
  EXPECT_FALSE(recorder.KnowsList(root_));
  recorder.OnReaddir(0, root_);
  EXPECT_TRUE(recorder.KnowsList(root_));
}

// soundness.md A12: overlayfs opens what it copies up, whatever it is that brought it to it.
TEST_F(RecorderTest, WhatIsCopiedUpCountsWhole) {
  DeltaEntry changed = TestFile("f", "one");
  changed.entry.uid = 7;
  const Delta delta = TestDelta({changed, TestFile("g", "new")});
  Recorder recorder(Options());
  recorder.OnLookup(0, root_, "f", &f_);
  recorder.OnOpen(0, f_, O_RDONLY);
  EXPECT_EQ(FactsOf(&recorder, tree_, delta, "f"), fact::kStat | fact::kContent | fact::kXattrs);
  EXPECT_EQ(FactsOf(&recorder, tree_, delta, "g"), fact::kType);  // replaced, unseen
}

}  // namespace
}  // namespace kasane
