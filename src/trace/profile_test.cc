#include "src/trace/profile.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "src/base/file.h"
#include "src/tree/delta.h"

namespace kasane {
namespace {

// A tree of files given by path and content, and what a profile needs to read it.
class ProfileTest : public testing::Test {
 protected:
  void Add(const std::string& path, const std::string& content, uint32_t mode = 0644) {
    Entry entry;
    entry.mode = mode;
    entry.size = content.size();
    entry.content = Sha256Of(content);
    blobs_[entry.content] = content;
    Put(path, entry);
  }
  void AddLink(const std::string& path, const std::string& target) {
    Entry entry;
    entry.type = EntryType::kSymlink;
    entry.mode = 0777;
    entry.link_target = target;
    Put(path, entry);
  }
  void Put(const std::string& path, const Entry& entry) {
    DeltaEntry change;
    change.path = path;
    change.entry = entry;
    auto delta = Delta::FromEntries({change});
    ASSERT_TRUE(delta.ok()) << delta.status();
    auto tree = tree_.Apply(*delta);
    ASSERT_TRUE(tree.ok()) << tree.status();
    tree_ = *tree;
  }

  Profiles::Reader Reader() {
    return [this](const Node& file, uint64_t offset, uint64_t size) -> absl::StatusOr<std::string> {
      ++reads_;
      return blobs_.at(file.entry.content).substr(offset, size);
    };
  }
  // The directory of that path, then its ancestors.
  std::vector<const Node*> Chain(const std::string& path) {
    std::vector<const Node*> chain = {&tree_.root()};
    for (size_t end = 0; end != std::string::npos && !path.empty();) {
      end = path.find('/', end + 1);
      chain.insert(chain.begin(), tree_.Lookup(path.substr(0, end)));
    }
    return chain;
  }
  Asker Program(const std::string& path, std::vector<std::string> argv) {
    Asker asker;
    asker.executable = "/" + path;
    asker.file = tree_.Lookup(path);
    asker.argv = std::move(argv);
    asker.environment = {"HOME=/root"};
    asker.read_file = [this](const std::string& name) -> absl::StatusOr<std::string> {
      const Node* node = tree_.Lookup(name.substr(1));
      if (node == nullptr) return absl::NotFoundError(name);
      return blobs_.at(node->entry.content);
    };
    return asker;
  }

  std::map<Digest, std::string> blobs_;
  Tree tree_;
  int reads_ = 0;
};

const Profile::MadeNames kNothingMade = [](size_t) { return std::vector<std::string>(); };

// The profiles that are shipped, on programs of this machine.
class ShippedTest : public ProfileTest {
 protected:
  void SetUp() override {
    auto profiles = Profiles::Load({"rules/profiles"});
    ASSERT_TRUE(profiles.ok()) << profiles.status();
    profiles_ = *std::move(profiles);
  }
  bool AddProgram(const std::string& from, const std::string& to) {
    const auto bytes = ReadFile(from);
    if (bytes.ok()) Add(to, *bytes, 0755);
    return bytes.ok();
  }
  // Its name, "" if none applies.
  std::string Find(const Asker& asker) {
    const auto profile = profiles_.Find(asker, Reader());
    return profile == nullptr ? "" : profile->name();
  }
  Profiles profiles_;
};

TEST_F(ShippedTest, WhatAnExecutableHasIsKept) {
  ASSERT_TRUE(AddProgram("/usr/bin/cat", "bin/cat"));
  std::map<Digest, std::string> kept;
  const Profiles::Memory memory = {
      [&](const Digest& key) -> absl::StatusOr<std::string> {
        const auto found = kept.find(key);
        return found == kept.end() ? absl::NotFoundError("") : absl::StatusOr<std::string>(found->second);
      },
      [&](const Digest& key, absl::string_view json) { kept[key] = std::string(json); }};
  const auto reads_of = [&] {  // in a RUN of its own
    SetUp();
    const int before = reads_;
    const auto profile = profiles_.Find(Program("bin/cat", {"cat"}), Reader(), memory);
    EXPECT_TRUE(profile != nullptr && profile->name() == "coreutils-readers");
    return reads_ - before;
  };
  const int first = reads_of();
  EXPECT_EQ(reads_of(), first - 1);
  ASSERT_EQ(kept.size(), 1);
  kept.begin()->second = "{\"strings\":\"2\"}";  // of nobody
  EXPECT_EQ(reads_of(), first);
}

TEST_F(ShippedTest, CoreutilsByContent) {
  ASSERT_TRUE(AddProgram("/usr/bin/cat", "bin/odd"));
  ASSERT_TRUE(AddProgram("/usr/bin/ls", "bin/cat"));
  ASSERT_TRUE(AddProgram("/usr/bin/cp", "bin/cp"));
  ASSERT_TRUE(AddProgram("/usr/bin/install", "bin/install"));
  ASSERT_TRUE(AddProgram("/usr/bin/tail", "bin/tail"));
  EXPECT_EQ(Find(Program("bin/odd", {"anything", "-n"})), "coreutils-readers");
  EXPECT_EQ(Find(Program("bin/cat", {"cat"})), "");
  EXPECT_EQ(Find(Program("bin/tail", {"tail", "x"})), "");
  EXPECT_EQ(Find(Program("bin/cp", {"cp", "a", "b"})), "coreutils-cp");
  EXPECT_EQ(Find(Program("bin/cp", {"cp", "-rf", "--verbose", "-t", "d", "a", "--", "b"})), "coreutils-cp");
  EXPECT_EQ(Find(Program("bin/cp", {"cp", "-tupdate", "a"})), "coreutils-cp");
  for (const char* option : {"-p", "-a", "-u", "-rp", "-d", "-l", "-s", "-b", "--preserve", "--preserve=mode",
                             "--archive", "--update", "--verb", "--recursive-not"}) {
    EXPECT_EQ(Find(Program("bin/cp", {"cp", "a", "b", option})), "") << option;
  }
  EXPECT_EQ(Find(Program("bin/install", {"install", "-Dm755", "a", "b"})), "coreutils-install");
  EXPECT_EQ(Find(Program("bin/install", {"install", "-m", "755", "-o", "root", "a", "b"})),
            "coreutils-install");
  EXPECT_EQ(Find(Program("bin/install", {"install", "-pm755", "a", "b"})), "");
  EXPECT_EQ(Find(Program("bin/install", {"install", "-C", "a", "b"})), "");
}

TEST_F(ShippedTest, AnExecutableIsReadOnce) {
  ASSERT_TRUE(AddProgram("/usr/bin/cat", "bin/cat"));
  ASSERT_TRUE(AddProgram("/usr/bin/cat", "bin/same"));
  Find(Program("bin/cat", {"cat"}));
  const int reads = reads_;
  EXPECT_EQ(Find(Program("bin/same", {"cat"})), "coreutils-readers");
  EXPECT_EQ(reads_, reads);
}

TEST_F(ShippedTest, BusyboxByApplet) {
  if (!AddProgram("/usr/bin/busybox", "bin/busybox")) GTEST_SKIP() << "no busybox here";
  EXPECT_EQ(Find(Program("bin/busybox", {"cat", "x"})), "busybox-readers");
  EXPECT_EQ(Find(Program("bin/busybox", {"/bin/cat", "x"})), "busybox-readers");
  EXPECT_EQ(Find(Program("bin/busybox", {"busybox", "cat", "x"})), "busybox-readers");
  EXPECT_EQ(Find(Program("bin/busybox", {"/bin/busybox-static", "wc"})), "busybox-readers");
  EXPECT_EQ(Find(Program("bin/busybox", {"cp", "-f", "a", "b"})), "busybox-cp");
  for (const char* applet : {"sh", "stat", "find", "tar", "test", "[", "tail", "busybox", ""}) {
    EXPECT_EQ(Find(Program("bin/busybox", {applet})), "") << applet;
  }
  EXPECT_EQ(Find(Program("bin/busybox", {"cp", "-r", "a", "b"})), "");
  EXPECT_EQ(Find(Program("bin/busybox", {"ls", "-RA1", "a"})), "busybox-ls");
  for (const char* option : {"-l", "-Rl", "-s", "-i", "-t", "-S", "-c", "-u", "--full-time", "--color"}) {
    EXPECT_EQ(Find(Program("bin/busybox", {"ls", "a", option})), "") << option;
  }
  EXPECT_EQ(Find(Program("bin/busybox", {})), "");
}

TEST_F(ShippedTest, NoProfileIfInDoubt) {
  ASSERT_TRUE(AddProgram("/usr/bin/cat", "bin/cat"));
  Asker asker = Program("bin/cat", {"cat"});
  asker.environment->push_back("LD_PRELOAD=/lib/libfaketime.so");
  EXPECT_EQ(Find(asker), "");
  asker.environment = std::vector<std::string>{"LD_PRELOAD="};
  EXPECT_EQ(Find(asker), "coreutils-readers");
  asker.environment.reset();
  EXPECT_EQ(Find(asker), "");
  asker = Program("bin/cat", {"cat"});
  asker.file = nullptr;
  EXPECT_EQ(Find(asker), "");
  asker = Program("bin/cat", {"cat"});
  asker.read_file = nullptr;
  EXPECT_EQ(Find(asker), "");
  Add("etc/ld.so.preload", "\n");
  EXPECT_EQ(Find(Program("bin/cat", {"cat"})), "coreutils-readers");
  Add("etc/ld.so.preload", "/lib/libeatmydata.so\n");
  EXPECT_EQ(Find(Program("bin/cat", {"cat"})), "");
}

class GoTest : public ShippedTest {
 protected:
  void SetUp() override {
    ShippedTest::SetUp();
    if (!AddProgram("/usr/local/go/bin/go", "go/bin/go") &&
        !AddProgram("/usr/lib/go-1.19/bin/go", "go/bin/go")) {
      GTEST_SKIP() << "no go here";
    }
    Add("src/go.mod", "module m\n");
    Add("src/main.go", "package main\n");
    Add("src/README.md", "hello\n");
    Add("src/run.sh", "#!/bin/sh\n", 0755);
    Add("src/gcc", "#!/bin/sh\n", 0755);
    Add("src/lib/lib.go", "package lib\n");
    Add("src/docs/a.md", "");
    Add("src/main_test.go", "package main\n");
    Add("src/_off.go", "no source\n");
  }
  std::shared_ptr<const Profile> GoBuild() {
    return profiles_.Find(Program("go/bin/go", {"go", "build", "./..."}), Reader());
  }
};

TEST_F(GoTest, BuildAndInstallOnly) {
  EXPECT_EQ(Find(Program("go/bin/go", {"go", "build"})), "go-build");
  EXPECT_EQ(Find(Program("go/bin/go", {"go", "install", "./..."})), "go-build");
  for (const char* command : {"test", "vet", "list", "generate", "run", "version", "env"}) {
    EXPECT_EQ(Find(Program("go/bin/go", {"go", command})), "") << command;
  }
  EXPECT_EQ(Find(Program("go/bin/go", {"go", "mod", "download"})),
            "go-mod");  // strict, but it may find modules
  EXPECT_EQ(Find(Program("go/bin/go", {"go"})), "");
  EXPECT_EQ(Find(Program("go/bin/go", {"go", "build", "-overlay=o.json"})), "");
  EXPECT_EQ(Find(Program("go/bin/go", {"go", "build", "--overlay", "o.json"})), "");
}

TEST_F(GoTest, SettingsCountWhereverTheyStand) {
  Asker asker = Program("go/bin/go", {"go", "build"});
  asker.environment->push_back("GOFLAGS=-mod=mod -overlay=x");
  EXPECT_EQ(Find(asker), "");
  asker.environment = std::vector<std::string>{"HOME=/root", "GOFLAGS=-mod=mod", "CC=musl-gcc"};
  EXPECT_EQ(Find(asker), "go-build");
  asker.environment->push_back("CXX=/src/cxx");
  EXPECT_EQ(Find(asker), "");

  Add("root/.config/go/env", "GOPROXY=off\nGOFLAGS=-overlay=/x\n");
  EXPECT_EQ(Find(Program("go/bin/go", {"go", "build"})), "");
  Add("root/.config/go/env", "GOPROXY=off\n");
  EXPECT_EQ(Find(Program("go/bin/go", {"go", "build"})), "go-build");
  asker = Program("go/bin/go", {"go", "build"});
  asker.read_file = [](const std::string& path) -> absl::StatusOr<std::string> {
    return absl::UnknownError(path);
  };
  EXPECT_EQ(Find(asker), "");
  Add("go/go.env", "GOTOOLCHAIN=path\n");
  EXPECT_EQ(Find(Program("go/bin/go", {"go", "build"})), "");
}

TEST_F(GoTest, StatByName) {
  const auto profile = GoBuild();
  ASSERT_NE(profile, nullptr);
  const auto stat = [&](const std::string& directory, const std::string& name) {
    return profile->Stat(*tree_.Lookup(directory + "/" + name), Chain(directory));
  };
  EXPECT_EQ(stat("src", "main.go"), StatMeaning::kContent);
  EXPECT_EQ(stat("src/lib", "lib.go"), StatMeaning::kContent);
  EXPECT_EQ(stat("src", "main_test.go"), StatMeaning::kGoHeader);
  EXPECT_EQ(stat("src", "README.md"), StatMeaning::kMode);
  EXPECT_EQ(stat("src", "_off.go"), StatMeaning::kMode);
  EXPECT_EQ(stat("src", "run.sh"), StatMeaning::kMode);
  EXPECT_EQ(stat("src", "gcc"), StatMeaning::kTime);    // go may know a compiler by its size and time
  EXPECT_EQ(stat("go/bin", "go"), StatMeaning::kTime);  // no module
  EXPECT_TRUE(profile->ReadsGoHeader(*tree_.Lookup("src/main_test.go"), Chain("src")));
  EXPECT_FALSE(profile->ReadsGoHeader(*tree_.Lookup("src/main_test.go"), Chain("go/bin")));
  EXPECT_FALSE(profile->ReadsGoHeader(*tree_.Lookup("src/main.go"), Chain("src")));
  EXPECT_TRUE(profiles_.MayReadGoHeader("main_test.go"));
  EXPECT_FALSE(profiles_.MayReadGoHeader("main.go"));
  AddLink("src/link.go", "main.go");
  EXPECT_EQ(stat("src", "link.go"), StatMeaning::kMode);
}

TEST_F(GoTest, ListingInModulesOnly) {
  Add("src/cache/00/x-a", "");
  Add("src/cache/01/x-a", "");
  Add("src/pkg/mod/cache/download/m/@v/v1.info", "");
  Add("src/.hidden/x/a.txt", "");
  Add("src/testdata/a.txt", "");
  Add("go/pkg/a.go", "");
  const auto profile = GoBuild();
  ASSERT_NE(profile, nullptr);
  const auto narrowed = [&](const std::string& directory) {
    return profile->Listing(Chain(directory), kNothingMade) != nullptr;
  };
  EXPECT_TRUE(narrowed("src"));
  EXPECT_TRUE(narrowed("src/docs"));
  EXPECT_FALSE(narrowed("src/cache/01"));
  EXPECT_FALSE(narrowed("src/pkg/mod/cache/download/m/@v"));
  EXPECT_FALSE(narrowed("src/.hidden/x"));
  EXPECT_FALSE(narrowed("src/testdata"));
  EXPECT_FALSE(narrowed("go/pkg"));
  EXPECT_FALSE(narrowed(""));
}

TEST_F(GoTest, EmbedInAnAncestorKeepsAllNames) {
  auto profile = GoBuild();
  ASSERT_NE(profile, nullptr);
  EXPECT_NE(profile->Listing(Chain("src/docs"), kNothingMade), nullptr);
  Add("src/lib/lib.go", "package lib\n//go:embed x\nvar x string\n");
  profile = GoBuild();
  EXPECT_NE(profile->Listing(Chain("src/docs"), kNothingMade), nullptr);
  EXPECT_EQ(profile->Listing(Chain("src/lib"), kNothingMade), nullptr);
  Add("src/main.go", "package main\n\n//go:embed docs\nvar d embed.FS\n");
  profile = GoBuild();
  EXPECT_EQ(profile->Listing(Chain("src/docs"), kNothingMade), nullptr);
  EXPECT_EQ(profile->Listing(Chain("src"), kNothingMade), nullptr);
}

TEST_F(GoTest, LinkedAndMadeSourcesMayEmbed) {
  auto profile = GoBuild();
  ASSERT_NE(profile, nullptr);
  const auto made = [](size_t level, const std::string& name) -> Profile::MadeNames {
    return [level, name](size_t i) {
      return i == level ? std::vector<std::string>{name} : std::vector<std::string>();
    };
  };
  EXPECT_NE(profile->Listing(Chain("src/docs"), made(1, "app")), nullptr);
  EXPECT_EQ(profile->Listing(Chain("src/docs"), made(1, "gen.go")), nullptr);
  EXPECT_EQ(profile->Listing(Chain("src/docs"), made(0, "gen.go")), nullptr);
  EXPECT_EQ(profile->Listing(Chain("src"), [](size_t) { return absl::UnknownError(""); }), nullptr);
  AddLink("src/gen.go", "/somewhere/else");
  EXPECT_EQ(profile->Listing(Chain("src/docs"), kNothingMade), nullptr);
}

TEST_F(GoTest, SourcesAreScannedOnce) {
  const auto profile = GoBuild();
  ASSERT_NE(profile, nullptr);
  profile->Listing(Chain("src/docs"), kNothingMade);
  const int reads = reads_;
  profile->Listing(Chain("src/docs"), kNothingMade);
  GoBuild()->Listing(Chain("src"), kNothingMade);
  EXPECT_EQ(reads_, reads);
}

TEST_F(GoTest, LeastLevel) {
  const auto with = [&](int level) {
    return profiles_.WithLeastLevel(level).Find(Program("go/bin/go", {"go", "build"}), Reader());
  };
  EXPECT_EQ(with(3), nullptr);
  ASSERT_NE(with(2), nullptr);
  EXPECT_EQ(with(2)->Stat(*tree_.Lookup("src/README.md"), Chain("src")), StatMeaning::kSize);
  EXPECT_EQ(with(1)->Stat(*tree_.Lookup("src/README.md"), Chain("src")), StatMeaning::kMode);
  EXPECT_NE(profiles_.WithLeastLevel(2).digest(), profiles_.digest());
  EXPECT_EQ(profiles_.WithLeastLevel(0).digest(), profiles_.digest());
}

TEST(Profiles, NoneIsStrict) {
  const Profiles none;
  EXPECT_EQ(none.Find(Asker(), nullptr), nullptr);
  EXPECT_EQ(none.digest(), Profiles::Of({}).digest());
}

TEST(Profiles, LaterDirectoriesReplaceByName) {
  const std::string one = std::string(getenv("TEST_TMPDIR")) + "/one";
  const std::string two = std::string(getenv("TEST_TMPDIR")) + "/two";
  ASSERT_TRUE(MakeDirs(one).ok() && MakeDirs(two).ok());
  ASSERT_TRUE(WriteFileAtomic(one + "/a.toml", "[[profile]]\nname = \"x\"\nprogram.go = [\"a\"]\n").ok());
  ASSERT_TRUE(WriteFileAtomic(one + "/notes.txt", "no profile").ok());
  ASSERT_TRUE(WriteFileAtomic(two + "/b.toml", "[[profile]]\nname = \"x\"\nstrict = true\n").ok());
  const auto first = Profiles::Load({one}), both = Profiles::Load({one, two}), second = Profiles::Load({two});
  ASSERT_TRUE(first.ok() && both.ok() && second.ok());
  EXPECT_NE(first->digest(), both->digest());
  EXPECT_EQ(second->digest(), both->digest());
  const auto with = Profiles::Load({one}, "[[profile]]\nname = \"x\"\nstrict = true\n");
  ASSERT_TRUE(with.ok());
  EXPECT_EQ(with->digest(), both->digest());
  EXPECT_FALSE(Profiles::Load({one}, "[profile]\n").ok());
  EXPECT_EQ(Profiles::Load({one + "/none"}).status().code(), absl::StatusCode::kNotFound);

  ASSERT_TRUE(WriteFileAtomic(two + "/c.toml", "[[profile]]\nname = \"x\"\nstrict = true\n").ok());
  EXPECT_EQ(std::string(Profiles::Load({two}).status().message()),
            two + "/c.toml: error: the profile `x` is in another file of " + two + " too");
  ASSERT_TRUE(WriteFileAtomic(two + "/c.toml", "[[profile]]\nname = 3\n").ok());
  EXPECT_EQ(std::string(Profiles::Load({two}).status().message()),
            two + "/c.toml:2:8: error: `name` must be a string that is not empty\n  name = 3\n         ^");
}

}  // namespace
}  // namespace kasane
