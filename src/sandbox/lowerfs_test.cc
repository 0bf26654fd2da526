// What the kernel asks lowerfs for, and what an observer is told.
#include "src/sandbox/lowerfs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "src/sandbox/observer_test_util.h"
#include "src/sandbox/sandbox_test_util.h"

namespace kasane {
namespace {

using testing::IsSupersetOf;
using testing::UnorderedElementsAre;

// Notes the calls about what is below src/.
class Recorder : public SilentObserver {
 public:
  bool OnLookup(uint32_t, const SeenNode& directory, absl::string_view name, const SeenNode* found) override {
    Note(found == nullptr ? "absent " : "lookup ", absl::StrCat(directory.path(), "/", name));
    return false;
  }
  bool OnGetattr(uint32_t, const SeenNode& node) override {
    Note("getattr ", node.path());
    return true;
  }
  bool OnSize(uint32_t, const SeenNode& node) override {
    Note("size ", node.path());
    return false;
  }
  void OnReadlink(uint32_t, const SeenNode& node) override { Note("readlink ", node.path()); }
  void OnOpen(uint32_t, const SeenNode& node, uint32_t) override { Note("open ", node.path()); }
  void OnRead(uint32_t, const SeenNode& node) override { Note("read ", node.path()); }
  bool TakesAllStrictly(uint32_t, const SeenNode&) override { return strict; }

  bool strict = false;
  std::vector<std::string> Take() {
    absl::MutexLock lock(&mutex_);
    return std::move(calls_);
  }

 private:
  void Note(absl::string_view what, absl::string_view path) {
    if (!absl::StartsWith(path, "src/")) return;
    absl::MutexLock lock(&mutex_);
    calls_.push_back(absl::StrCat(what, path));
  }
  absl::Mutex mutex_;
  std::vector<std::string> calls_ ABSL_GUARDED_BY(mutex_);
};

class LowerFsTest : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    if (IsSkipped()) return;
    AddDirectory("src");
    for (const char* name : {"a.go", "b.go", "README.md"}) AddFile(absl::StrCat("src/", name), name);
    options_.no_xattrs = true;
    options_.observer = &recorder_;
  }
  uint64_t CountOf(const std::string& command, uint32_t opcode) {
    absl::StatusOr<SandboxResult> result = Run(command);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->requests[opcode] : 0;
  }

  Recorder recorder_;
};

// `ls -l` lists the directory and then looks at each name.
TEST_F(LowerFsTest, EveryNameIsAskedForUnlessExpected) {
  uint64_t lookups = CountOf("ls -l /src", FUSE_LOOKUP);
  EXPECT_THAT(recorder_.Take(),
              UnorderedElementsAre("lookup src/a.go", "getattr src/a.go", "lookup src/b.go",
                                   "getattr src/b.go", "lookup src/README.md", "getattr src/README.md"));
  options_.expected = [](const SeenNode& directory, const Node& child) {
    return directory.path() == "src" && absl::EndsWith(child.name, ".go");
  };
  EXPECT_EQ(CountOf("ls -l /src", FUSE_LOOKUP), lookups - 2);  // README.md alone
  EXPECT_THAT(output_, testing::HasSubstr("README.md"));
}

TEST_F(LowerFsTest, TheObserverIsToldOfWhatIsExpected) {
  options_.expected = [](const SeenNode&, const Node& child) { return child.name == "a.go"; };
  Run("echo /src/*").status().IgnoreError();
  EXPECT_THAT(recorder_.Take(), UnorderedElementsAre("lookup src/a.go", "getattr src/a.go"));
  // Once, however often the directory is listed.
  Run("echo /src/*; echo /src/*; cat /src/a.go").status().IgnoreError();
  EXPECT_THAT(recorder_.Take(),
              UnorderedElementsAre("lookup src/a.go", "getattr src/a.go", "open src/a.go", "read src/a.go"));
  EXPECT_EQ(output_, "/src/README.md /src/a.go /src/b.go\n/src/README.md /src/a.go /src/b.go\na.go");
}

TEST_F(LowerFsTest, WithoutObserverAListingBringsEverything) {
  options_.observer = nullptr;
  uint64_t lookups = CountOf("echo /src/*", FUSE_LOOKUP);
  EXPECT_EQ(CountOf("echo /src/*; [ -f /src/a.go ] && [ -s /src/b.go ]", FUSE_LOOKUP), lookups);
}

TEST_F(LowerFsTest, SmallFilesComeWithTheirOpening) {
  AddFile("src/large", std::string(100000, 'x'));
  uint64_t reads = CountOf("true", FUSE_READ);
  recorder_.Take();
  EXPECT_EQ(CountOf("cat /src/a.go /src/a.go /src/b.go", FUSE_READ), reads);
  EXPECT_EQ(output_, "a.goa.gob.go");
  EXPECT_THAT(recorder_.Take(),
              IsSupersetOf({"open src/a.go", "read src/a.go", "open src/b.go", "read src/b.go"}));
  EXPECT_GT(CountOf("cat /src/large", FUSE_READ), reads);
  EXPECT_EQ(output_.size(), 100000);
  // Not to be read: what truncates it, or nothing but its name is asked for.
  recorder_.Take();
  Run("true > /src/a.go; test -f /src/b.go").status().IgnoreError();
  for (const std::string& call : recorder_.Take()) EXPECT_FALSE(absl::StartsWith(call, "read ")) << call;
}

TEST_F(LowerFsTest, AReadPastTheEndTellsTheSizeAndNoStat) {
  EXPECT_TRUE(Run("read line </src/a.go; echo $line").ok());
  EXPECT_EQ(output_, "a.go\n");
  const std::vector<std::string> calls = recorder_.Take();
  EXPECT_THAT(calls, IsSupersetOf({"open src/a.go", "read src/a.go", "size src/a.go"}));
  EXPECT_THAT(calls, testing::Not(testing::Contains("getattr src/a.go")));
}

TEST_F(LowerFsTest, WhoLooksAtEverythingIsToldOfEverything) {
  for (int d = 0; d < 40; ++d) {
    std::string directory = absl::StrCat("src/d", d);
    AddDirectory(directory);
    for (const char* name : {"a", "b", "c"}) AddFile(absl::StrCat(directory, "/", name), "x");
  }
  auto seen = [this] {
    std::vector<std::string> calls = recorder_.Take();
    return std::set<std::string>(calls.begin(), calls.end());
  };
  uint64_t asked = CountOf("find /src -size -1", FUSE_GETATTR);
  std::set<std::string> all = seen();
  recorder_.strict = true;
  EXPECT_LT(CountOf("find /src -size -1", FUSE_GETATTR), asked - 90);  // of 120 files
  EXPECT_EQ(seen(), all);
  // One that looks at some names only is never told of more.
  asked = CountOf("for d in /src/*; do [ -e $d/a ]; echo $d/*; done", FUSE_GETATTR);
  std::set<std::string> some = seen();
  EXPECT_EQ(some.count("getattr src/d30/b"), 0);
  EXPECT_EQ(some.count("getattr src/d30/a"), 1);
}

}  // namespace
}  // namespace kasane
