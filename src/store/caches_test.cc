#include "src/store/caches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace kasane {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CachesTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/caches_test.XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    store_ = *Store::Open(directory_ + "/store");
  }
  void TearDown() override {
    store_.reset();
    EXPECT_TRUE(RemoveTree(directory_).ok());
  }

  CacheLease Lease(const std::string& id, CacheSharing sharing, const std::string& base = "") {
    CacheRequest request;
    request.name = {id, base};
    request.sharing = sharing;
    request.on_wait = [this] { waited_ = true; };
    absl::StatusOr<CacheLease> lease = LeaseCache(store_.get(), request);
    EXPECT_TRUE(lease.ok()) << lease.status();
    return *std::move(lease);
  }

  std::string directory_;
  std::unique_ptr<Store> store_;
  bool waited_ = false;
};

TEST_F(CachesTest, KeepsWhatIsPutThere) {
  std::string first;
  {
    CacheLease lease = Lease("a", CacheSharing::kShared);
    first = lease.directory();
    struct stat st;
    ASSERT_EQ(stat(first.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 07777, 0755u);
    ASSERT_TRUE(WriteFileAtomic(first + "/f", "kept").ok());
  }
  EXPECT_EQ(Lease("a", CacheSharing::kLocked).directory(), first);
  EXPECT_EQ(ReadFile(first + "/f").value(), "kept");
  EXPECT_NE(Lease("a", CacheSharing::kShared, "mode").directory(), first);
  EXPECT_NE(Lease("b", CacheSharing::kShared).directory(), first);
}

TEST_F(CachesTest, SharedTogetherPrivateApart) {
  CacheLease shared = Lease("a", CacheSharing::kShared);
  EXPECT_EQ(Lease("a", CacheSharing::kShared).directory(), shared.directory());
  std::string second;
  {
    CacheLease alone = Lease("a", CacheSharing::kPrivate);
    second = alone.directory();
    EXPECT_NE(second, shared.directory());
    EXPECT_NE(Lease("a", CacheSharing::kPrivate).directory(), second);
  }
  EXPECT_EQ(Lease("a", CacheSharing::kPrivate).directory(), second);
  EXPECT_FALSE(waited_);
  EXPECT_EQ(CacheGenerations(*store_, {"a", ""}).size(), 3u);
}

TEST_F(CachesTest, LockedWaitsForAnotherProcess) {
  auto held = std::make_unique<CacheLease>(Lease("a", CacheSharing::kShared));
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const std::string directory = held->directory();
  const pid_t child = fork();
  if (child == 0) {
    CacheRequest request;
    request.name = {"a", ""};
    request.sharing = CacheSharing::kLocked;
    request.on_wait = [&] { (void)!write(ready[1], "w", 1); };
    held.reset();  // the parent has it still
    absl::StatusOr<CacheLease> lease = LeaseCache(store_.get(), request);
    _exit(lease.ok() && lease->directory() == directory ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);  // it is about to wait
  EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0);
  held.reset();
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(CachesTest, IsFilledOnceAndNotHalf) {
  CacheRequest request;
  request.name = {"a", "seed"};
  request.fill = [](const std::string& data) { return WriteFileAtomic(data + "/seed", "s"); };
  EXPECT_EQ(ReadFile(LeaseCache(store_.get(), request)->directory() + "/seed").value(), "s");
  request.fill = [](const std::string&) { return absl::InternalError("not again"); };
  EXPECT_TRUE(LeaseCache(store_.get(), request).ok());
  request.name.base = "other";
  EXPECT_EQ(LeaseCache(store_.get(), request).status().message(), "not again");
  EXPECT_THAT(CacheGenerations(*store_, request.name), IsEmpty());
}

TEST_F(CachesTest, ListsRemovesAndReplaces) {
  EXPECT_THAT(*ListCaches(*store_), IsEmpty());
  std::string generation;
  {
    CacheLease b = Lease("b", CacheSharing::kShared);
    CacheLease a = Lease("a", CacheSharing::kShared);
    generation = a.generation();
    ASSERT_TRUE(WriteFileAtomic(a.directory() + "/f", std::string(5000, 'x')).ok());
    EXPECT_TRUE(absl::IsUnavailable(RemoveCache(store_.get(), {"a", ""}, 0)));
  }
  const std::vector<CacheInfo> list = *ListCaches(*store_);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name.id, "a");
  EXPECT_EQ(list[0].files, 1);
  EXPECT_GE(list[0].bytes, 5000);
  EXPECT_EQ(list[0].generation, generation);
  EXPECT_GT(list[0].last_used, 1500000000);

  ASSERT_TRUE(RemoveCache(store_.get(), {"a", ""}, 0).ok());
  EXPECT_THAT(CacheGenerations(*store_, {"a", ""}), IsEmpty());
  EXPECT_NE(Lease("a", CacheSharing::kShared).generation(), generation);

  const auto fill = [](const std::string& data) { return WriteFileAtomic(data + "/new", "n"); };
  for (const char* id : {"a", "fresh"}) {
    ASSERT_TRUE(ReplaceCache(store_.get(), {id, ""}, 0, "0123456789abcdef", fill).ok());
    EXPECT_THAT(CacheGenerations(*store_, {id, ""}), ElementsAre("0123456789abcdef"));
    EXPECT_EQ(ReadFile(Lease(id, CacheSharing::kShared).directory() + "/new").value(), "n");
  }
  const auto fail = [](const std::string&) { return absl::DataLossError("bad archive"); };
  EXPECT_FALSE(ReplaceCache(store_.get(), {"a", ""}, 0, "f", fail).ok());
  EXPECT_THAT(CacheGenerations(*store_, {"a", ""}), ElementsAre("0123456789abcdef"));
}

}  // namespace
}  // namespace kasane
