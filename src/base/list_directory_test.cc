#include "src/base/list_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ListDirectoryTest, NamesAreSortedAndWhatIsNoDirectoryHasNone) {
  const std::string directory = absl::StrCat(testing::TempDir(), "/names");
  ASSERT_TRUE(MakeDirs(directory + "/b").ok());
  ASSERT_TRUE(WriteFileAtomic(directory + "/a", "").ok());
  ASSERT_TRUE(WriteFileAtomic(directory + "/.c", "").ok());
  EXPECT_THAT(NamesIn(directory), ElementsAre(".c", "a", "b"));
  EXPECT_THAT(NamesIn(directory + "/b"), IsEmpty());
  EXPECT_THAT(NamesIn(directory + "/a"), IsEmpty());
  EXPECT_THAT(NamesIn(directory + "/nowhere"), IsEmpty());
}

}  // namespace
}  // namespace kasane
