#include "generator/gc_command.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <memory>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/store/store.h"

namespace kasane {
namespace {

TEST(ParseAge, TakesOneNumberAndOneUnit) {
  absl::Duration age;
  for (auto [text, expected] :
       std::initializer_list<std::pair<const char*, absl::Duration>>{{"0", absl::ZeroDuration()},
                                                                     {"45s", absl::Seconds(45)},
                                                                     {"90m", absl::Minutes(90)},
                                                                     {"12h", absl::Hours(12)},
                                                                     {"7d", absl::Hours(7 * 24)},
                                                                     {"0d", absl::ZeroDuration()}}) {
    ASSERT_TRUE(ParseAge(text, &age)) << text;
    EXPECT_EQ(age, expected) << text;
  }
  for (const char* text : {"", "d", "7", "7x", "-1d", "1.5h", "1h30m", " "})
    EXPECT_FALSE(ParseAge(text, &age)) << text;
}

class GcCommandTest : public testing::Test {
 protected:
  GcCommandTest() {
    char path[] = "/tmp/kasane-gc-XXXXXX";
    store_ = absl::StrCat(mkdtemp(path), "/store");
  }
  ~GcCommandTest() override { RemoveTree(store_.substr(0, store_.rfind('/'))).IgnoreError(); }

  // A result that names a blob; both were made `days` ago.
  void Fill(const std::string& key, const std::string& bytes, int days) {
    std::unique_ptr<Store> store = Store::Open(store_).value();
    Digest digest = store->PutBlob(bytes).value();
    ASSERT_TRUE(store->PutResult(Sha256Of(key), absl::StrCat("{\"blob\":\"", digest.ToString(), "\"}")).ok());
    std::string hex = Sha256Of(key).ToHex();
    timespec then = {time(nullptr) - days * 86400L, 0};
    timespec times[2] = {then, then};
    std::string path = absl::StrCat(store_, "/results/", hex.substr(0, 2), "/", hex);
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  int Gc(const std::vector<std::string>& args) {
    out_.clear();
    messages_ = Messages(false);
    return GcCommand(args, store_, &out_, &messages_);
  }

  std::string store_;
  std::string out_;
  Messages messages_{false};
};

TEST_F(GcCommandTest, RemovesUnusedResultsAndKeepsYoungBlobs) {
  Fill("old", "old bytes", 40);
  Fill("new", "new", 2);
  EXPECT_EQ(Gc({"--dry-run"}), 0);
  EXPECT_EQ(out_, absl::StrCat("would remove 1 result, 0 blobs and 0 packs, 0 bytes; would keep 12 bytes in ",
                               store_, "\n"));
  EXPECT_EQ(Gc({}), 0);
  EXPECT_EQ(out_,
            absl::StrCat("removed 1 result, 0 blobs and 0 packs, 0 bytes; kept 12 bytes in ", store_, "\n"));
  EXPECT_EQ(Gc({"--unused-for", "1d", "--dry-run"}), 0);
  EXPECT_EQ(out_.substr(0, 22), "would remove 1 result,");
  EXPECT_EQ(Gc({"--unused-for=3d"}), 0);
  EXPECT_EQ(out_.substr(0, 18), "removed 0 results,");
}

TEST_F(GcCommandTest, AStoreThatIsNotThereIsNotMade) {
  EXPECT_EQ(Gc({}), 0);
  EXPECT_EQ(out_, absl::StrCat("there is no store in ", store_, "\n"));
  EXPECT_FALSE(PathExists(store_));
}

TEST_F(GcCommandTest, AStoreInUseIsLeftAlone) {
  Fill("old", "bytes", 40);
  std::unique_ptr<Store> other = Store::Open(store_).value();
  EXPECT_EQ(Gc({}), 1);
  EXPECT_EQ(messages_.text(), absl::StrCat("error: ", store_,
                                           ": the store is in use by another build\n"
                                           "  help: try again when it has ended\n"));
}

TEST_F(GcCommandTest, WrongCommandLines) {
  EXPECT_EQ(Gc({"--unused-for", "7"}), 1);
  EXPECT_EQ(messages_.text(),
            "error: invalid age \"7\"\n  help: use a number with d, h, m or s after it, as 7d, or 0\n");
  EXPECT_EQ(Gc({"--unused-for"}), 2);
  EXPECT_EQ(Gc({"--all"}), 2);
  EXPECT_EQ(messages_.text(),
            "error: gen gc does not know \"--all\"\n  help: `gen gc --help` lists all it takes\n");
  EXPECT_EQ(Gc({"--help"}), 0);
  EXPECT_EQ(out_.substr(0, 7), "gen gc:");
}

}  // namespace
}  // namespace kasane
