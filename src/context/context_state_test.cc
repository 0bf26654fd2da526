#include "src/context/context_state.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/file.h"

namespace kasane {
namespace {

constexpr int64_t kLongAgo = 1'000'000'000;

class ContextStateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "/state_test";
    record_ = ::testing::TempDir() + "/state_test.record";
    ASSERT_TRUE(RemoveTree(root_).ok());
    unlink(record_.c_str());
    unlink(InputStatePath(record_).c_str());
    ASSERT_TRUE(MakeDirs(root_ + "/d").ok());
    Write("d/a", "one");
    Write("b", "two");
    ASSERT_EQ(symlink("b", (root_ + "/l").c_str()), 0);
    spec_.sources = {"."};
  }

  // Writes in place: the inode stays. The mtime is always the same.
  void Write(const std::string& path, absl::string_view text) {
    UniqueFd fd(open((root_ + "/" + path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    ASSERT_TRUE(WriteAll(fd.get(), text, path).ok());
    const timespec times[2] = {{kLongAgo, 0}, {kLongAgo, 0}};
    ASSERT_EQ(futimens(fd.get(), times), 0);
  }

  void Scan() {
    scan_ = *ScanContext(root_, IgnoreMatcher(), {});
    SelectProblem problem;
    ASSERT_TRUE(SelectSources(ScanView(scan_), spec_, "the build context", &selection_, &problem));
  }
  // As the copy step leaves it.
  void Record(const std::string& salt, bool racy) {
    Scan();
    InputState state;
    state.salt = salt;
    for (const ScanEntry* entry : SelectedInputs(scan_, selection_)) {
      InputFact fact;
      fact.entry = *entry;
      if (entry->type == EntryType::kFile) fact.content = Sha256Of(*ReadFile(root_ + "/" + entry->path));
      fact.racy = racy;
      state.facts.push_back(fact);
    }
    ASSERT_TRUE(WriteFileAtomic(record_, "record").ok());
    ASSERT_TRUE(WriteFileAtomic(InputStatePath(record_), EncodeInputState(state)).ok());
  }
  std::string Salt() {
    Scan();
    absl::StatusOr<std::string> salt = ChooseSalt(record_, root_, SelectedInputs(scan_, selection_));
    EXPECT_TRUE(salt.ok()) << salt.status();
    return *std::move(salt);
  }
  InputState State() { return *DecodeInputState(*ReadFile(InputStatePath(record_))); }

  std::string root_, record_;
  CopySpec spec_;
  ContextScan scan_;
  Selection selection_;
};

TEST_F(ContextStateTest, NeverRun) { EXPECT_EQ(Salt(), ""); }

TEST_F(ContextStateTest, RecordWithoutState) {
  ASSERT_TRUE(WriteFileAtomic(record_, "record").ok());
  EXPECT_NE(Salt(), "");
}

TEST_F(ContextStateTest, RoundTrip) {
  Record("salt", true);
  const InputState state = State();
  ASSERT_EQ(state.facts.size(), 4u);  // b, d, d/a, l; not the root
  EXPECT_EQ(state.Find("d/a")->content, Sha256Of("one"));
  EXPECT_EQ(state.Find("l")->entry.target(), "b");
  EXPECT_TRUE(state.Find("b")->racy);
  EXPECT_EQ(state.Find("nope"), nullptr);
  std::string bytes = *ReadFile(InputStatePath(record_));
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    EXPECT_FALSE(DecodeInputState(damaged).ok());
    EXPECT_FALSE(DecodeInputState(bytes.substr(0, i)).ok());
  }
}

TEST_F(ContextStateTest, NothingChanged) {
  Record("salt", false);
  EXPECT_EQ(Salt(), "salt");
  Record("", false);
  EXPECT_EQ(Salt(), "");
}

TEST_F(ContextStateTest, TouchChangesNothingAndIsRemembered) {
  Record("salt", false);
  ASSERT_EQ(utimensat(AT_FDCWD, (root_ + "/b").c_str(), nullptr, 0), 0);
  EXPECT_EQ(Salt(), "salt");
  EXPECT_EQ(State().Find("b")->entry.mtime, scan_.Find("b")->mtime);
}

TEST_F(ContextStateTest, SeesWhatNinjaDoesNot) {
  Record("salt", false);
  const ScanEntry before = *scan_.Find("b");
  Write("b", "TWO");
  const std::string salt = Salt();
  EXPECT_NE(salt, "salt");
  EXPECT_EQ(scan_.Find("b")->mtime, before.mtime);
  EXPECT_EQ(Salt(), salt);  // until the edge has run
  Write("b", "two");
  EXPECT_EQ(Salt(), "salt");

  ASSERT_EQ(chmod((root_ + "/b").c_str(), 0600), 0);
  EXPECT_NE(Salt(), "salt");
  ASSERT_EQ(chmod((root_ + "/b").c_str(), 0644), 0);
  EXPECT_EQ(Salt(), "salt");

  ASSERT_EQ(rename((root_ + "/b").c_str(), (root_ + "/c").c_str()), 0);
  EXPECT_NE(Salt(), "salt");
  ASSERT_EQ(rename((root_ + "/c").c_str(), (root_ + "/b").c_str()), 0);
  EXPECT_EQ(Salt(), "salt");

  Write("new", "");
  EXPECT_NE(Salt(), "salt");
  ASSERT_EQ(unlink((root_ + "/new").c_str()), 0);
  ASSERT_EQ(unlink((root_ + "/l").c_str()), 0);
  EXPECT_NE(Salt(), "salt");
  ASSERT_EQ(symlink("d", (root_ + "/l").c_str()), 0);
  EXPECT_NE(Salt(), "salt");
}

// A write through a dirty mapping shows in no stat field: only the rule about racy files finds it.
TEST_F(ContextStateTest, RacyFilesAreHashedAgain) {
  Record("salt", true);
  InputState state = State();
  for (InputFact& fact : state.facts) {
    if (fact.entry.path == "b") fact.content = Sha256Of("old");
  }
  ASSERT_TRUE(WriteFileAtomic(InputStatePath(record_), EncodeInputState(state)).ok());
  EXPECT_NE(Salt(), "salt");
  EXPECT_TRUE(IsRacy({100, 0}, {102, 0}));
  EXPECT_FALSE(IsRacy({100, 0}, {103, 0}));
}

TEST_F(ContextStateTest, UnselectedFilesDoNotCount) {
  spec_.sources = {"d", "l"};
  Record("salt", false);
  EXPECT_EQ(State().facts.size(), 4u);  // b is what l leads to
  spec_.sources = {"d"};
  Record("salt", false);
  Write("b", "changed");
  EXPECT_EQ(Salt(), "salt");
}

}  // namespace
}  // namespace kasane
