#include "src/tree/tree_diff.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/tree/tree_test_util.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Diff(const Tree& a, const Tree& b) {
  std::vector<std::string> lines;
  for (const TreeChange& change : DiffTrees(a, b)) {
    const char* letter = change.before == nullptr ? "A" : change.after == nullptr ? "D" : "C";
    lines.push_back(absl::StrCat(letter, " ", change.path, change.what.empty() ? "" : ": ",
                                 absl::StrJoin(change.what, ", ")));
  }
  return lines;
}

TEST(DiffTrees, TellsWhatIsNewGoneAndOther) {
  const Tree a =
      *Tree().Apply(TestDelta({TestDir("d"), TestFile("d/gone"), TestFile("d/same"), TestFile("f", "1"),
                               TestLink("l", "f"), TestDir("old"), TestFile("old/x")}));
  DeltaEntry mode = TestFile("f", "22");
  mode.entry.mode = 0600;
  const Tree b = *a.Apply(TestDelta(
      {TestGone("d/gone"), mode, TestLink("l", "g"), TestGone("old"), TestDir("new"), TestFile("new/y")}));
  EXPECT_THAT(Diff(a, b), ElementsAre("D d/gone", "C f: content, mode", "C l: link target", "A new",
                                      "A new/y", "D old", "D old/x"));
  EXPECT_THAT(Diff(a, a), IsEmpty());
}

TEST(DiffTrees, TimesAndTypes) {
  DeltaEntry touched = TestFile("f");
  touched.entry.mtime.seconds += 5;
  const Tree a = *Tree().Apply(TestDelta({TestFile("f"), TestDir("t"), TestFile("t/x")}));
  EXPECT_THAT(Diff(a, *a.Apply(TestDelta({touched}))), IsEmpty());
  EXPECT_THAT(Diff(a, *a.Apply(TestDelta({TestFile("t")}))), ElementsAre("C t: type", "D t/x"));
}

}  // namespace
}  // namespace kasane
