#include "src/store/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace kasane {
namespace {

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    char path[] = "/tmp/kasane-store-XXXXXX";
    root_ = mkdtemp(path);
    directory_ = root_ + "/store";
  }
  ~StoreTest() override { RemoveTree(root_).IgnoreError(); }

  std::unique_ptr<Store> Open() { return Store::Open(directory_).value(); }
  std::string BlobPath(const Digest& digest) {
    return absl::StrCat(directory_, "/blobs/sha256/", digest.ToHex().substr(0, 2), "/", digest.ToHex());
  }
  // The number of names in a directory; -1 if it cannot be read.
  int Count(const std::string& folder) {
    std::string command = "ls -A '" + directory_ + "/" + folder + "' | wc -l";
    FILE* pipe = popen(command.c_str(), "r");
    int count = -1;
    if (fscanf(pipe, "%d", &count) != 1) count = -1;
    pclose(pipe);
    return count;
  }
  static std::string Read(const BlobRef& blob) {
    std::string bytes(static_cast<size_t>(blob.size), '\0');
    EXPECT_TRUE(PReadExactly(blob.fd->get(), &bytes[0], bytes.size(), blob.offset, "blob").ok());
    return bytes;
  }
  Digest PutPack(Store* store, absl::string_view tar, const std::vector<std::pair<int64_t, int64_t>>& files) {
    PackWriter writer = store->NewPack();
    EXPECT_TRUE(writer.Write(tar).ok());
    for (auto [offset, size] : files) {
      writer.AddFile(Sha256Of(tar.substr(static_cast<size_t>(offset), static_cast<size_t>(size))), offset,
                     size);
    }
    return writer.Commit().value();
  }

  std::string root_;
  std::string directory_;
};

TEST_F(StoreTest, BlobsRoundTrip) {
  std::unique_ptr<Store> store = Open();
  std::string big(1 << 20, 'b');
  for (const std::string& bytes : {std::string(), std::string("small"), big}) {
    EXPECT_FALSE(store->HasBlob(Sha256Of(bytes)));
    EXPECT_TRUE(absl::IsNotFound(store->ReadBlob(Sha256Of(bytes)).status()));
    Digest digest = store->PutBlob(bytes).value();
    EXPECT_EQ(digest, Sha256Of(bytes));
    EXPECT_TRUE(store->HasBlob(digest));
    EXPECT_EQ(store->ReadBlob(digest).value(), bytes);
    BlobRef blob = store->OpenBlob(digest).value();
    EXPECT_TRUE(blob.whole_file);
    EXPECT_EQ(Read(blob), bytes);
    EXPECT_EQ(store->LooseBlobPath(digest).value(), BlobPath(digest));
    EXPECT_EQ(store->PutBlob(bytes).value(), digest);
  }
  struct stat st;
  ASSERT_EQ(stat(BlobPath(Sha256Of(big)).c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0444u);
  store.reset();
  EXPECT_EQ(Count("tmp"), 0);
}

TEST_F(StoreTest, BlobWriterPublishesOnlyWhatIsExpected) {
  std::unique_ptr<Store> store = Open();
  {
    BlobWriter writer = store->NewBlob();
    ASSERT_TRUE(writer.Write(std::string(300000, 'x')).ok());
    ASSERT_TRUE(writer.Write("y").ok());
    EXPECT_EQ(writer.size(), 300001);
    EXPECT_TRUE(absl::IsDataLoss(writer.Commit(Sha256Of("other")).status()));
  }
  { BlobWriter dropped = store->NewBlob(), moved = std::move(dropped); }
  EXPECT_FALSE(store->HasBlob(Sha256Of(std::string(300000, 'x') + "y")));
  EXPECT_EQ(Count("blobs/sha256"), 0);
}

TEST_F(StoreTest, CopyInAndMoveIn) {
  std::unique_ptr<Store> store = Open();
  std::string path = root_ + "/file";
  ASSERT_TRUE(WriteFileAtomic(path, std::string(400000, 'c'), 0600).ok());
  UniqueFd fd = OpenFile(path, O_RDONLY).value();
  int64_t size = 0;
  Digest digest = store->CopyIn(fd.get(), &size).value();
  EXPECT_EQ(size, 400000);
  EXPECT_EQ(digest, Sha256Of(std::string(400000, 'c')));
  // Moved where the store has it already, and where it has not.
  EXPECT_EQ(store->MoveIn(path, &size).value(), digest);
  EXPECT_FALSE(PathExists(path));
  ASSERT_TRUE(WriteFileAtomic(path, "new", 04711).ok());
  Digest moved = store->MoveIn(path, nullptr).value();
  EXPECT_FALSE(PathExists(path));
  EXPECT_EQ(store->ReadBlob(moved).value(), "new");
  struct stat st;
  ASSERT_EQ(stat(BlobPath(moved).c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0444u);
  EXPECT_FALSE(store->MoveIn(root_, nullptr).ok());
}

TEST_F(StoreTest, DamagedBlobsAreMissingAndNoticed) {
  std::unique_ptr<Store> store = Open();
  std::string before = Store::ReadIdentity(directory_);
  Digest digest = store->PutBlob("content").value();
  auto damage = [&](const char* bytes) { ASSERT_TRUE(WriteFileAtomic(BlobPath(digest), bytes).ok()); };
  damage("c0ntent");
  EXPECT_TRUE(absl::IsNotFound(store->ReadBlob(digest).status()));
  EXPECT_FALSE(store->HasBlob(digest));
  EXPECT_NE(Store::ReadIdentity(directory_), before);
  damage("");
  EXPECT_TRUE(absl::IsNotFound(store->OpenBlob(digest).status()));
  damage("conte");
  EXPECT_TRUE(absl::IsNotFound(store->OpenBlob(digest, 7).status()));
  EXPECT_FALSE(store->HasBlob(digest));
  damage("conte");
  EXPECT_EQ(store->PutBlob("content").value(), digest);  // repaired
  EXPECT_EQ(store->ReadBlob(digest).value(), "content");
}

TEST_F(StoreTest, Packs) {
  std::unique_ptr<Store> store = Open();
  std::string tar = "headerAAAheaderBBBBpad";
  Digest diff_id = PutPack(store.get(), tar, {{6, 3}, {15, 4}, {15, 4}, {0, 0}});
  EXPECT_EQ(diff_id, Sha256Of(tar));
  EXPECT_TRUE(store->HasPack(diff_id));
  EXPECT_FALSE(store->HasPack(Sha256Of("x")));
  EXPECT_EQ(Read(store->OpenPack(diff_id).value()), tar);
  EXPECT_TRUE(store->HasBlob(Sha256Of("AAA")));
  BlobRef blob = store->OpenBlob(Sha256Of("BBBB"), 4).value();
  EXPECT_FALSE(blob.whole_file);
  EXPECT_EQ(blob.offset, 15);
  EXPECT_EQ(Read(blob), "BBBB");
  EXPECT_EQ(store->ReadBlob(Sha256Of("")).value(), "");
  EXPECT_TRUE(absl::IsNotFound(store->LooseBlobPath(Sha256Of("AAA")).status()));
  // What a pack holds is not stored again.
  ASSERT_TRUE(WriteFileAtomic(root_ + "/f", "AAA").ok());
  EXPECT_EQ(store->MoveIn(root_ + "/f", nullptr).value(), Sha256Of("AAA"));
  EXPECT_EQ(Count("blobs/sha256"), 0);
  PackWriter writer = store->NewPack();
  ASSERT_TRUE(writer.Write("abc").ok());
  EXPECT_TRUE(absl::IsDataLoss(writer.Commit(Sha256Of("abd")).status()));
  writer.AddFile(Sha256Of("c"), 2, 2);
  EXPECT_FALSE(writer.Commit().ok());
  store.reset();
  EXPECT_EQ(Count("packs"), 2);
  EXPECT_EQ(Count("tmp"), 0);
}

TEST_F(StoreTest, AFileIsTakenOutOfItsPack) {
  std::unique_ptr<Store> store = Open();
  PutPack(store.get(), "headerAAA", {{6, 3}});
  EXPECT_TRUE(absl::IsNotFound(store->OpenLooseBlob(Sha256Of("AAA"), 3, false).status()));
  EXPECT_TRUE(absl::IsNotFound(store->OpenLooseBlob(Sha256Of("B"), 1, true).status()));
  const BlobRef blob = store->OpenLooseBlob(Sha256Of("AAA"), 3, true).value();
  EXPECT_TRUE(blob.whole_file);
  EXPECT_EQ(Read(blob), "AAA");
  EXPECT_TRUE(store->OpenLooseBlob(Sha256Of("AAA"), 3, false).ok());
  // A pack that does not hold what it says is removed.
  const Digest damaged = PutPack(store.get(), "..BBB", {{2, 3}});
  ASSERT_TRUE(WriteFileAtomic(absl::StrCat(directory_, "/packs/", damaged.ToHex(), ".tar"), "..BBC").ok());
  EXPECT_FALSE(store->OpenLooseBlob(Sha256Of("BBB"), 3, true).ok());
  EXPECT_FALSE(store->HasPack(damaged));
}

TEST_F(StoreTest, PacksOfOtherProcessesAreSeen) {
  std::unique_ptr<Store> store = Open();
  EXPECT_FALSE(store->HasBlob(Sha256Of("AAA")));
  std::unique_ptr<Store> other = Open();
  PutPack(other.get(), "..AAA", {{2, 3}});
  EXPECT_TRUE(store->HasBlob(Sha256Of("AAA")));
}

TEST_F(StoreTest, DamagedPacksAreMissingAndNoticed) {
  Digest diff_id = PutPack(Open().get(), "..AAA", {{2, 3}});
  std::string path = absl::StrCat(directory_, "/packs/", diff_id.ToHex());
  std::string before = Store::ReadIdentity(directory_);
  ASSERT_TRUE(WriteFileAtomic(path + ".tar", "..AA").ok());
  EXPECT_FALSE(Open()->HasPack(diff_id));
  EXPECT_FALSE(PathExists(path + ".tar"));
  EXPECT_NE(Store::ReadIdentity(directory_), before);
  PutPack(Open().get(), "..AAA", {{2, 3}});
  ASSERT_TRUE(WriteFileAtomic(path + ".tar", "..AAB").ok());
  EXPECT_TRUE(absl::IsNotFound(Open()->ReadBlob(Sha256Of("AAA")).status()));
  EXPECT_FALSE(Open()->HasPack(diff_id));
  PutPack(Open().get(), "..AAA", {{2, 3}});
  ASSERT_TRUE(WriteFileAtomic(path + ".idx", "KSNP").ok());
  EXPECT_FALSE(Open()->HasPack(diff_id));
  PutPack(Open().get(), "..AAA", {{2, 3}});
  EXPECT_EQ(Open()->ReadBlob(Sha256Of("AAA")).value(), "AAA");
}

TEST_F(StoreTest, Results) {
  std::unique_ptr<Store> store = Open();
  Digest key = Sha256Of("key");
  EXPECT_TRUE(absl::IsNotFound(store->GetResult(key).status()));
  ASSERT_TRUE(store->PutResult(key, "{\"a\":1}").ok());
  EXPECT_EQ(store->GetResult(key).value(), "{\"a\":1}");
  ASSERT_TRUE(store->PutResult(key, "").ok());
  EXPECT_EQ(store->GetResult(key).value(), "");
  ASSERT_TRUE(store->PutResult(key, "new").ok());
  std::string path = absl::StrCat(directory_, "/results/", key.ToHex().substr(0, 2), "/", key.ToHex());
  // Reading it keeps it fresh.
  timespec old[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), old, 0), 0);
  EXPECT_EQ(store->GetResult(key).value(), "new");
  struct stat st;
  ASSERT_EQ(stat(path.c_str(), &st), 0);
  EXPECT_GT(st.st_mtime, time(nullptr) - 60);
  std::string text = ReadFile(path).value();
  ASSERT_TRUE(WriteFileAtomic(path, text.substr(0, text.size() - 1)).ok());
  EXPECT_TRUE(absl::IsNotFound(store->GetResult(key).status()));
  EXPECT_FALSE(PathExists(path));
}

TEST_F(StoreTest, Identity) {
  EXPECT_EQ(Store::ReadIdentity(directory_), "");
  EXPECT_FALSE(PathExists(directory_));
  std::string identity = Open()->identity();
  EXPECT_EQ(identity.size(), 18u);
  EXPECT_EQ(Store::ReadIdentity(directory_), identity);
  EXPECT_EQ(Open()->identity(), identity);
  ASSERT_TRUE(RemoveTree(directory_).ok());
  EXPECT_NE(Open()->identity(), identity);
  ASSERT_TRUE(WriteFileAtomic(directory_ + "/format", "2\n").ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Store::Open(directory_).status()));
}

TEST_F(StoreTest, AStoreThatWasHalfMadeIsFinished) {
  Open().reset();
  unlink((directory_ + "/format").c_str());
  ASSERT_TRUE(WriteFileAtomic(directory_ + "/id", "").ok());
  std::unique_ptr<Store> store = Open();
  EXPECT_EQ(store->identity().size(), 18u);
  EXPECT_TRUE(store->PutBlob("x").ok());
}

TEST_F(StoreTest, ManyProcessesMakeOneStoreAndPublishTheSameBlobs) {
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    pid_t pid = fork();
    if (pid == 0) {
      absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(directory_);
      bool good = store.ok();
      for (int n = 0; good && n < 50; ++n) {
        std::string bytes = absl::StrCat(std::string(static_cast<size_t>(n) * 9000, 'x'), n);
        good = (*store)->PutBlob(bytes).ok() && (*store)->PutResult(Sha256Of(bytes), bytes).ok() &&
               (*store)->ReadBlob(Sha256Of(bytes)).value_or("") == bytes &&
               (*store)->GetResult(Sha256Of(bytes)).value_or("") == bytes;
      }
      good = good && (*store)->identity() == Store::ReadIdentity(directory_);
      if (good) store->reset();
      _exit(good ? 0 : 1);
    }
    children.push_back(pid);
  }
  for (pid_t pid : children) {
    int status = 0;
    waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(Count("tmp"), 0);
}

TEST_F(StoreTest, ManyThreadsPublish) {
  std::unique_ptr<Store> store = Open();
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n)
        good += store->PutBlob(absl::StrCat(n)).ok() && store->HasBlob(Sha256Of("0"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
}

TEST_F(StoreTest, ScratchOfTheDeadIsRemovedAndOfTheLivingIsNot) {
  std::unique_ptr<Store> store = Open();
  ScratchDir mine = store->NewScratch().value();
  ASSERT_TRUE(WriteFileAtomic(mine.path() + "/f", "x").ok());
  pid_t pid = fork();
  if (pid == 0) {
    auto other = Store::Open(directory_);
    ScratchDir scratch = (*other)->NewScratch().value();
    BlobWriter writer = (*other)->NewBlob();
    bool good =
        WriteFileAtomic(scratch.path() + "/f", "x").ok() && writer.Write(std::string(1 << 20, 'x')).ok();
    if (good) kill(getpid(), SIGKILL);
    _exit(1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(Count("tmp"), 6);
  std::unique_ptr<Store> next = Open();
  EXPECT_EQ(Count("tmp"), 2);
  EXPECT_TRUE(PathExists(mine.path() + "/f"));
  ScratchDir moved = std::move(mine);
  EXPECT_TRUE(PathExists(moved.path() + "/f"));
  moved = ScratchDir();
  EXPECT_EQ(Count("tmp"), 0);
}

TEST_F(StoreTest, AKillAtAnyMomentLeavesNothingHalfDone) {
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    pid_t pid = fork();
    if (pid == 0) {
      auto store = Store::Open(directory_);
      for (int n = 0;; ++n) {
        std::string bytes =
            absl::StrCat(std::string(static_cast<size_t>(n % 5) * 100000, 'x'), round, ":", n);
        bool good = (*store)->PutBlob(bytes).ok() && (*store)->PutResult(Sha256Of(bytes), bytes).ok();
        PackWriter pack = (*store)->NewPack();
        good = good && pack.Write(bytes).ok();
        pack.AddFile(Sha256Of(bytes.substr(1)), 1, static_cast<int64_t>(bytes.size()) - 1);
        if (!good || !pack.Commit().ok()) _exit(1);
      }
    }
    usleep(random() % 20000);
    kill(pid, SIGKILL);
    int status = 0;
    waitpid(pid, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  std::unique_ptr<Store> store = Open();
  EXPECT_EQ(Count("tmp"), 0);
  EXPECT_EQ(store->identity().substr(16), ".0");
  std::string names = root_ + "/names";
  ASSERT_EQ(
      system(
          absl::StrCat("cd '", directory_, "' && find blobs results packs -type f >'", names, "'").c_str()),
      0);
  int seen = 0;
  for (absl::string_view name : absl::StrSplit(ReadFile(names).value(), '\n', absl::SkipEmpty())) {
    absl::string_view file = Basename(name);
    Digest digest = Digest::ParseHex(file.substr(0, 64)).value();
    ++seen;
    if (absl::StartsWith(name, "blobs/")) {
      EXPECT_TRUE(store->ReadBlob(digest).ok());
    } else if (absl::StartsWith(name, "results/")) {
      EXPECT_EQ(Sha256Of(store->GetResult(digest).value()), digest);
    } else if (absl::EndsWith(name, ".tar")) {
      std::string tar = Read(store->OpenPack(digest).value());
      EXPECT_EQ(Sha256Of(tar), digest);
      EXPECT_EQ(store->ReadBlob(Sha256Of(tar.substr(1))).value(), tar.substr(1));
    }
  }
  EXPECT_GT(seen, 20);
}

TEST_F(StoreTest, AForkedChildLeavesItsParentsScratchAlone) {
  std::unique_ptr<Store> store = Open();
  ScratchDir scratch = store->NewScratch().value();
  pid_t pid = fork();
  if (pid == 0) {
    { ScratchDir dies = std::move(scratch); }
    _exit(0);
  }
  waitpid(pid, nullptr, 0);
  EXPECT_TRUE(PathExists(scratch.path()));
}

// A full disk, as far as a test can have one: the size of files is limited.
TEST_F(StoreTest, AFailedWritePublishesNothing) {
  pid_t pid = fork();
  if (pid == 0) {
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {100000, 100000};
    auto store = Store::Open(directory_);
    setrlimit(RLIMIT_FSIZE, &limit);
    std::string bytes(600000, 'x');
    BlobWriter writer = (*store)->NewBlob();
    bool good = !writer.Write(bytes).ok() && !writer.Write("more").ok() && !writer.Commit().ok() &&
                !(*store)->PutBlob(bytes).ok() && !(*store)->PutResult(Sha256Of("k"), bytes).ok();
    _exit(good ? 0 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0);
  Open().reset();
  EXPECT_EQ(Count("tmp"), 0);
  EXPECT_EQ(Count("blobs/sha256"), 0);
  EXPECT_EQ(Count("results"), 0);
}

}  // namespace
}  // namespace kasane
