#include "src/contract/chain_file.h"

#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/file.h"

namespace kasane {
namespace {

using testing::ElementsAre;

class ChainFileTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string directory = absl::StrCat(testing::TempDir(), "/chain", getpid());
    ASSERT_TRUE(MakeDirs(directory).ok());
    ASSERT_EQ(chdir(directory.c_str()), 0);
    for (const char* name : {"base.json", "a.json", "b.json", "c.json"}) Put(name, name);
    for (const char* name : {"x", "y"}) ASSERT_TRUE(MakeDirs(name).ok());
  }
  static void Put(const std::string& path, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomic(path, text).ok());
  }
};

TEST_F(ChainFileTest, StandsForWhatItNames) {
  ASSERT_TRUE(WriteChainFile("x/chain.json", {"base.json", "a.json"}).ok());
  ASSERT_TRUE(WriteChainFile("y/chain.json", {"x/chain.json", "b.json"}).ok());
  EXPECT_THAT(ExpandChains("", {"y/chain.json", "c.json"}).value(),
              ElementsAre("base.json", "a.json", "b.json", "c.json"));
  // Those of several stages, one after another, seen from elsewhere.
  ASSERT_EQ(chdir("x"), 0);
  EXPECT_THAT(ExpandChains("../", {"c.json", "x/chain.json", "y/chain.json"}).value(),
              ElementsAre("c.json", "base.json", "a.json", "base.json", "a.json", "b.json"));
}

TEST_F(ChainFileTest, ChangesWithAnyRecordAndOnlyThen) {
  const auto write = [] {
    ASSERT_TRUE(WriteChainFile("x/chain.json", {"base.json", "a.json"}).ok());
    ASSERT_TRUE(WriteChainFile("y/chain.json", {"x/chain.json", "b.json"}).ok());
  };
  write();
  const std::string before = ReadFile("y/chain.json").value();
  write();
  EXPECT_EQ(ReadFile("y/chain.json").value(), before);
  Put("base.json", "changed");
  write();
  EXPECT_NE(ReadFile("y/chain.json").value(), before);
}

TEST_F(ChainFileTest, DamageIsAnError) {
  EXPECT_FALSE(WriteChainFile("x/chain.json", {"none.json"}).ok());
  EXPECT_FALSE(ExpandChains("", {"x/none/chain.json"}).ok());
  for (const char* text :
       {"", "{}", R"({"version":1,"kind":"chain","below":[]})",
        R"({"version":1,"kind":"chain","below":[{"record":"x/chain.json","digest":"sha256:"}]})"}) {
    Put("x/chain.json", text);
    EXPECT_FALSE(ExpandChains("", {"x/chain.json"}).ok()) << text;
  }
}

}  // namespace
}  // namespace kasane
