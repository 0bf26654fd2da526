#include "src/steps/common_user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/file.h"
#include "src/contract/owner.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;

// What RUN and COPY --chown do with these was measured with BuildKit 0.34.2 and runc 1.1.
class UserTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = ::testing::TempDir() + "/user_test";
    ASSERT_TRUE(RemoveTree(directory_).ok());
    store_ = *Store::Open(directory_);
    AddFile("etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\n\n  bob:x:1000:1001:Bob:/home/bob:/bin/sh\n"
            "bob2:x:1000:5:Bob:/home/bob2:/bin/sh\nodd:x:zz\n");
    AddFile("etc/group", "# comment\nroot:x:0:root\nwheel:x:10:root,bob\nstaff:x:50:bob\nbob:x:1001:\n");
  }
  void TearDown() override { ASSERT_TRUE(RemoveTree(directory_).ok()); }

  void AddFile(const std::string& path, const std::string& text) {
    DeltaEntry entry;
    entry.path = path;
    entry.entry.mode = 0644;
    entry.entry.size = text.size();
    entry.entry.content = *store_->PutBlob(text);
    tree_ = *tree_.Apply(*Delta::FromEntries({entry}));
  }
  ProcessUser Process(absl::string_view user) { return *ResolveProcessUser(*store_, tree_, user); }
  std::pair<uint32_t, uint32_t> Own(absl::string_view owner) {
    const Owner o = *ResolveOwner(*store_, tree_, owner);
    return {o.uid, o.gid};
  }

  std::string directory_;
  std::unique_ptr<Store> store_;
  Tree tree_;
};

using Ids = std::pair<uint32_t, uint32_t>;

TEST_F(UserTest, Owners) {
  EXPECT_EQ(Own("bob"), Ids(1000, 1001));
  EXPECT_EQ(Own("bob:"), Ids(1000, 1001));
  EXPECT_EQ(Own("bob:staff"), Ids(1000, 50));
  EXPECT_EQ(Own("bob:7"), Ids(1000, 7));
  EXPECT_EQ(Own("1000"), Ids(1000, 1000));
  EXPECT_EQ(Own("12:"), Ids(12, 12));
  EXPECT_EQ(Own(":5"), Ids(0, 5));
  EXPECT_EQ(Own("nosuch"), Ids(0, 0));
  EXPECT_EQ(Own("bob:nosuch"), Ids(1000, 1001));
  EXPECT_EQ(Own("-1"), Ids(0, 0));
  EXPECT_EQ(Own("4294967295"), Ids(0, 0));
  EXPECT_EQ(Own("a:b:c"), Ids(0, 0));
}

TEST_F(UserTest, OwnersThatNeedNoLookup) {
  for (const char* owner : {"0", "root", "12:", "root:root", "5:6"})
    EXPECT_FALSE(OwnerHasName(owner)) << owner;
  for (const char* owner : {"bob", ":5", "0:bob", "5000000000"}) EXPECT_TRUE(OwnerHasName(owner)) << owner;
}

TEST_F(UserTest, ProcessesGetSupplementaryGroupsUnlessAGroupIsGiven) {
  EXPECT_THAT(Process("bob").groups, ElementsAre(1001, 10, 50));
  EXPECT_EQ(Process("bob").home, "/home/bob");
  EXPECT_THAT(Process("").groups, ElementsAre(0, 10));
  EXPECT_EQ(Process("").home, "/root");
  EXPECT_THAT(Process("bob:staff").groups, ElementsAre(50));
  EXPECT_THAT(Process("1000").groups, ElementsAre(1001, 10, 50));
  EXPECT_THAT(Process("0:0").groups, ElementsAre(0));
}

TEST_F(UserTest, ProcessesWithoutAName) {
  const ProcessUser user = Process("77");
  EXPECT_EQ(user.uid, 77u);
  EXPECT_EQ(user.gid, 0u);
  EXPECT_EQ(user.home, "/");
  EXPECT_EQ(Process("77:88").gid, 88u);
}

TEST_F(UserTest, UnknownNamesCannotRun) {
  EXPECT_EQ(ResolveProcessUser(*store_, tree_, "nosuch").status().message(),
            "unable to find user nosuch: no matching entries in passwd file");
  EXPECT_EQ(ResolveProcessUser(*store_, tree_, "bob:nosuch").status().message(),
            "unable to find group nosuch: no matching entries in group file");
  EXPECT_FALSE(ResolveProcessUser(*store_, tree_, "4294967295").ok());
}

TEST_F(UserTest, NoFilesAtAll) {
  tree_ = Tree();
  EXPECT_EQ(Own("bob"), Ids(0, 0));
  EXPECT_EQ(Process("").home, "/");
  EXPECT_FALSE(ResolveProcessUser(*store_, tree_, "bob").ok());
}

}  // namespace
}  // namespace kasane
