#include "src/trace/upper_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>

#include <cstdlib>
#include <string>

#include "src/base/file.h"

namespace kasane {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;
using What = UpperView::What;

class UpperViewTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/upper_view_test.XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    top_ = name;
    ASSERT_TRUE(MakeDirs(top_ + "/usr/bin").ok());
    ASSERT_TRUE(WriteFileAtomic(top_ + "/usr/bin/made", "x").ok());
    view_.Set({top_, top_ + "/memory/missing"});
  }
  void TearDown() override { EXPECT_TRUE(RemoveTree(top_).ok()); }

  std::string top_;
  UpperView view_;
};

TEST_F(UpperViewTest, WhatIsThere) {
  EXPECT_EQ(view_.At("usr"), What::kDirectory);
  EXPECT_EQ(view_.At("usr/bin/made"), What::kOther);
  EXPECT_EQ(view_.At("usr/bin/none"), What::kNothing);
  EXPECT_EQ(view_.At("opt/none"), What::kNothing);
  EXPECT_TRUE(view_.Has("usr/bin/made"));
  EXPECT_FALSE(view_.Has("etc"));
  ASSERT_TRUE(WriteFileAtomic(top_ + "/etc", "x").ok());
  EXPECT_TRUE(view_.Has("etc"));
  EXPECT_THAT(view_.NamesIn("usr/bin").value(), UnorderedElementsAre("made"));
  EXPECT_THAT(view_.NamesIn("opt").value(), IsEmpty());
}

TEST_F(UpperViewTest, AnOpaqueDirectoryHidesWhatIsBelow) {
  if (setxattr((top_ + "/usr").c_str(), "trusted.overlay.opaque", "y", 1, 0) != 0)
    GTEST_SKIP() << "needs trusted xattrs";
  EXPECT_EQ(view_.At("usr"), What::kOther);
  EXPECT_EQ(view_.At("usr/bin"), What::kDirectory);
}

TEST_F(UpperViewTest, UntilItIsKnownAllCountsAsMade) {
  UpperView view;
  EXPECT_TRUE(view.Has("etc"));
}

}  // namespace
}  // namespace kasane
