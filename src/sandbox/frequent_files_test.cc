#include "src/sandbox/frequent_files.h"

#include <gtest/gtest.h>
#include <linux/fuse.h>

#include <algorithm>
#include <string>
#include <vector>

#include "src/sandbox/observer_test_util.h"
#include "src/sandbox/sandbox_test_util.h"

namespace kasane {
namespace {

Node File(const std::string& name, uint64_t size) {
  Node file;
  file.name = name;
  file.entry.size = size;
  return file;
}

TEST(FrequentFiles, HasSmallFilesOfPlacesThatAreThere) {
  std::vector<DeltaEntry> entries(5);
  entries[0].path = "etc/passwd";
  entries[1].path = "usr/lib/x86_64-linux-gnu/libz.so.1";
  entries[2].path = "usr/lib/git-core/git";
  entries[3].path = "lib";
  entries[3].entry.type = EntryType::kSymlink;
  entries[3].entry.link_target = "usr/lib";
  entries[4].path = "usr/lib/python3.11/json/decoder.py";
  const FrequentFiles files(*Tree().Apply(*Delta::FromEntries(entries)));
  EXPECT_TRUE(FrequentFiles(Tree()).empty());
  for (const char* way : {"", "etc", "usr", "usr/lib", "usr/lib/x86_64-linux-gnu"})
    EXPECT_TRUE(files.LeadsOn(way)) << way;
  for (const char* other : {"lib", "var", "usr/lib/git-core", "usr/bin"})
    EXPECT_FALSE(files.LeadsOn(other)) << other;
  EXPECT_TRUE(files.Has("etc", File("passwd", 1000)));
  EXPECT_TRUE(files.Has("usr/lib/x86_64-linux-gnu", File("libz.so.1", 1000)));
  EXPECT_FALSE(files.Has("usr/lib/x86_64-linux-gnu", File("libz.a", 1000)));
  EXPECT_FALSE(files.Has("etc", File("large", 1 << 20)));
  EXPECT_FALSE(files.Has("usr", File("libz.so.1", 1000)));
  for (const char* deep : {"usr/lib/python3.11", "usr/lib/python3.11/json"}) {
    EXPECT_TRUE(files.LeadsOn(deep) && files.IsPlace(deep)) << deep;
    EXPECT_TRUE(files.Has(deep, File("a.py", 1000)));
  }
  EXPECT_TRUE(files.IsInLibrary("usr/lib/python3.11/json"));
  EXPECT_FALSE(files.IsInLibrary("usr/lib/python3.11"));
  EXPECT_FALSE(files.IsPlace("usr/lib/python3.110"));
  Node linked = File("passwd", 1000);
  linked.entry.link_group = 1;
  EXPECT_FALSE(files.Has("etc", linked));
  linked.entry = Entry();
  linked.entry.type = EntryType::kSymlink;
  EXPECT_FALSE(files.Has("etc", linked));
  linked.name = "libz.so";
  EXPECT_TRUE(files.Has("usr/lib/x86_64-linux-gnu", linked));
  EXPECT_TRUE(files.Has("usr/lib", File("libc.so.6", 2 << 20)));
  EXPECT_FALSE(files.Has("usr/lib", File("libLLVM.so", 100 << 20)));
}

// Whatever is asked of /etc/mine hangs on who asks.
class Watcher : public SilentObserver {
 public:
  bool OnLookup(uint32_t, const SeenNode&, absl::string_view name, const SeenNode* found) override {
    return Note(found == nullptr ? "absent " : "lookup ", name);
  }
  bool OnGetattr(uint32_t, const SeenNode& node) override { return Note("stat ", node.node().name); }
  void OnOpen(uint32_t, const SeenNode& node, uint32_t) override { Note("open ", node.node().name); }
  void OnReaddir(uint32_t, const SeenNode& node) override { Note("list ", node.node().name); }
  bool KnowsList(const SeenNode& node) override {
    return Count(absl::StrCat("list ", node.node().name)) != 0;
  }
  bool IsSameForAll(const SeenNode& node) override { return node.node().name != "mine"; }
  size_t Count(const std::string& call) {
    absl::MutexLock lock(&mutex_);
    return static_cast<size_t>(std::count(calls_.begin(), calls_.end(), call));
  }

 private:
  bool Note(absl::string_view what, absl::string_view name) {
    absl::MutexLock lock(&mutex_);
    calls_.push_back(absl::StrCat(what, name));
    return true;
  }
  absl::Mutex mutex_;
  std::vector<std::string> calls_ ABSL_GUARDED_BY(mutex_);
};

class FrequentFilesTest : public SandboxTest {};

TEST_F(FrequentFilesTest, AreOpenedWithoutAQuestion) {
  AddFile("etc/passwd", "root:x:0:0:root:/:/bin/sh\n");
  AddFile("etc/mine", "mine\n");
  Watcher watcher;
  options_.no_xattrs = true;
  options_.observer = &watcher;
  const std::string command = "for i in 1 2 3 4 5; do cat /etc/passwd /etc/mine; done; ls /etc";
  absl::StatusOr<SandboxResult> result = Run(command);
  ASSERT_TRUE(result.ok()) << result.status();
  const std::string expected = output_;
  const uint64_t opens = result->requests[FUSE_OPEN];
  const FrequentFiles files(MakeTree());
  options_.frequent = &files;
  const size_t before = watcher.Count("open passwd"), others = watcher.Count("open mine");
  EXPECT_GE(before, 5);
  result = Run(command);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(output_, expected);
  EXPECT_LE(result->requests[FUSE_OPEN], opens - 4);
  EXPECT_LE(watcher.Count("open passwd"), before + 2);  // at its first lookup, and with the listing
  EXPECT_EQ(watcher.Count("open mine"), 2 * others);
  EXPECT_GE(watcher.Count("list etc"), 2);
  // What changes one of them is told as ever.
  const std::string change = "echo more >>/etc/passwd; rm /etc/mine; mkdir /etc/new";
  const std::vector<std::string> changes = Changes(change);
  options_.frequent = nullptr;
  EXPECT_EQ(Changes(change), changes);
  EXPECT_EQ(changes.size(), 4);
}

TEST_F(FrequentFilesTest, ComeWithTheListing) {
  for (int i = 0; i < 50; ++i) AddFile(absl::StrCat("etc/f", i), "content\n");
  AddFile("other/file", "content\n");
  Watcher watcher;
  options_.no_xattrs = true;
  options_.observer = &watcher;
  const std::string command = "ls -l /etc; cat /etc/f*";
  absl::StatusOr<SandboxResult> result = Run(command);
  ASSERT_TRUE(result.ok()) << result.status();
  const std::string expected = output_;
  EXPECT_GE(result->requests[FUSE_LOOKUP], 50);
  const FrequentFiles files(MakeTree());
  options_.frequent = &files;
  result = Run(command);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(output_, expected);
  EXPECT_LT(result->requests[FUSE_LOOKUP], 50);
  EXPECT_EQ(watcher.Count("lookup f7"), 2);
  // What the observer knows of a directory the kernel may keep.
  ASSERT_TRUE(Run("ls /other; ls /other").ok());
  const size_t twice = watcher.Count("list other");
  ASSERT_TRUE(Run("ls /other; ls /other; ls /other; ls /other").ok());
  EXPECT_LT(watcher.Count("list other") - twice, 2 * twice);
}

}  // namespace
}  // namespace kasane
