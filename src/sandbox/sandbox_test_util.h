// A store and a tree with busybox in it, for tests that run processes.
#ifndef KASANE_SRC_SANDBOX_SANDBOX_TEST_UTIL_H_
#define KASANE_SRC_SANDBOX_SANDBOX_TEST_UTIL_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/sandbox/sandbox.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* missing = geteuid() != 0                          ? "root"
                          : access("/dev/fuse", R_OK | W_OK) != 0 ? "/dev/fuse"
                          : access("/bin/busybox", X_OK) != 0     ? "/bin/busybox (busybox-static)"
                                                                  : nullptr;
    if (missing != nullptr) GTEST_SKIP() << "needs " << missing;
    char name[] = "/tmp/kasane-sandbox-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    auto store = Store::Open(directory_ + "/store");
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    UniqueFd busybox(open("/bin/busybox", O_RDONLY | O_CLOEXEC));
    auto digest = store_->CopyIn(busybox.get(), &busybox_size_);
    ASSERT_TRUE(digest.ok()) << digest.status();
    busybox_ = *digest;
    options_.env = {"PATH=/bin", "HOME=/root"};
    options_.output = [this](absl::string_view text) { output_.append(text.data(), text.size()); };
    AddDirectory("bin");
    DeltaEntry& entry = Add("bin/busybox", EntryType::kFile);
    entry.entry.mode = 0755;
    entry.entry.size = static_cast<uint64_t>(busybox_size_);
    entry.entry.content = busybox_;
    AddLink("bin/sh", "busybox");
    for (const char* path : {"dev", "etc", "proc", "sys", "tmp"}) AddDirectory(path);
  }

  void TearDown() override {
    store_.reset();
    if (directory_.empty()) return;
    EXPECT_TRUE(RemoveTree(directory_).ok());
  }

  DeltaEntry& Add(const std::string& path, EntryType type) {
    DeltaEntry delta;
    delta.path = path;
    delta.entry.type = type;
    delta.entry.mode = 0644;
    delta.entry.mtime = {1700000000, 0};
    entries_.push_back(std::move(delta));
    return entries_.back();
  }
  void AddDirectory(const std::string& path) { Add(path, EntryType::kDirectory).entry.mode = 0755; }
  void AddLink(const std::string& path, const std::string& target) {
    DeltaEntry& entry = Add(path, EntryType::kSymlink);
    entry.entry.mode = 0777;
    entry.entry.link_target = target;
  }
  DeltaEntry& AddFile(const std::string& path, const std::string& content) {
    DeltaEntry& delta = Add(path, EntryType::kFile);
    delta.entry.size = content.size();
    delta.entry.content = store_->PutBlob(content).value();
    return delta;
  }

  Tree MakeTree() {
    auto delta = Delta::FromEntries(entries_);
    EXPECT_TRUE(delta.ok()) << delta.status();
    return Tree().Apply(*delta).value();
  }

  // Runs a shell command on the tree; the applets need no links.
  absl::StatusOr<SandboxResult> Run(const std::string& command) {
    output_.clear();
    options_.argv = {"/bin/sh", "-c", command};
    return RunInSandbox(store_.get(), MakeTree(), options_);
  }
  // The same for commands that are to succeed: one line per entry of the delta.
  std::vector<std::string> Changes(const std::string& command) {
    absl::StatusOr<SandboxResult> result = Run(command);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return {};
    EXPECT_EQ(result->exit_code, 0) << output_;
    std::vector<std::string> lines;
    for (const DeltaEntry& e : result->delta.entries()) {
      lines.push_back(absl::StrCat(e.path, e.whiteout ? " gone" : "", e.opaque ? " opaque" : "",
                                   e.implied ? " implied" : "",
                                   e.entry.is_file() && !e.whiteout ? absl::StrCat(" ", e.entry.size) : ""));
    }
    delta_ = result->delta;
    return lines;
  }
  const Entry& Changed(const std::string& path) {
    static const Entry kNone;
    for (const DeltaEntry& e : delta_.entries()) {
      if (e.path == path) return e.entry;
    }
    ADD_FAILURE() << path << " is not in the delta";
    return kNone;
  }

  std::string directory_;
  std::unique_ptr<Store> store_;
  Digest busybox_;
  int64_t busybox_size_ = 0;
  std::vector<DeltaEntry> entries_;
  SandboxOptions options_;
  std::string output_;
  Delta delta_;
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_SANDBOX_TEST_UTIL_H_
