#include "src/sandbox/ask_ahead.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <string>

#include "src/sandbox/observer_test_util.h"
#include "src/sandbox/sandbox_test_util.h"

namespace kasane {
namespace {

// Notes what is asked, and hangs up on the RUN at the question for "last".
class Listener : public SilentObserver {
 public:
  explicit Listener(UniqueFd line) : line_(std::move(line)) {}
  bool OnLookup(uint32_t, const SeenNode&, absl::string_view name, const SeenNode* found) override {
    return Note(found == nullptr ? "absent " : "lookup ", name);
  }
  void OnRead(uint32_t, const SeenNode& node) override { Note("read ", node.node().name); }
  void OnReaddir(uint32_t, const SeenNode& node) override { Note("list ", node.node().name); }
  bool IsSameForAll(const SeenNode&) override { return true; }
  bool Heard(const std::string& question) {
    absl::MutexLock lock(&mutex_);
    return questions_.contains(question);
  }

 private:
  bool Note(absl::string_view what, absl::string_view name) {
    absl::MutexLock lock(&mutex_);
    questions_.insert(absl::StrCat(what, name));
    if (name == "last") line_.reset();
    return true;
  }
  absl::Mutex mutex_;
  UniqueFd line_;
  std::set<std::string> questions_ ABSL_GUARDED_BY(mutex_);
};

class AskAheadTest : public SandboxTest {};

TEST_F(AskAheadTest, IsAskedThoughTheRunAsksForNothing) {
  AddFile("etc/hosts.allow", "content\n");
  AddDirectory("opt");
  AddDirectory("opt/d");
  AddFile("opt/d/file", "content\n");
  int line[2];
  ASSERT_EQ(pipe2(line, O_CLOEXEC), 0);
  UniqueFd other_end(line[0]);
  Listener listener{UniqueFd(line[1])};
  const FrequentFiles files(MakeTree());
  options_.io.input = other_end.get();
  options_.no_xattrs = true;
  options_.observer = &listener;
  options_.frequent = &files;
  options_.ahead.frequent.lists = {"etc", "is/not/there"};
  options_.ahead.frequent.contents = {"etc/hosts.allow", "etc/nothing"};
  options_.ahead.tree.lists = {"opt/d"};
  options_.ahead.tree.names = {"opt/d/file", "opt/nothing", "opt/last"};
  EXPECT_EQ(Changes("cat").size(), 0);
  for (const char* question :
       {"lookup hosts.allow", "read hosts.allow", "list d", "lookup file", "absent nothing"})
    EXPECT_TRUE(listener.Heard(question)) << question;
}

TEST_F(AskAheadTest, EndsWithTheRun) {
  options_.ahead.tree.names = std::vector<std::string>(1000000, "opt/nothing");
  EXPECT_EQ(Changes("touch /f").size(), 1);
}

}  // namespace
}  // namespace kasane
