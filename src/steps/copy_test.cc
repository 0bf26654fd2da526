#include "src/steps/copy.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/file.h"
#include "src/context/context_state.h"
#include "src/contract/record.h"
#include "src/steps/workdir.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kThen = 1'000'000'000;

// A stage built step by step out of a context, in a directory of its own. What is expected of the deltas is
// what BuildKit 0.34.2 puts into its layers for the same Dockerfile.
class CopyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = ::testing::TempDir() + "/copy_test";
    ASSERT_TRUE(RemoveTree(directory_).ok());
    ASSERT_TRUE(MakeDirs(directory_ + "/.kasane").ok());
    ASSERT_TRUE(MakeDirs(context_).ok());
    store_ = *Store::Open(directory_ + "/store");
    ContextBindings bindings;
    bindings[""] = {context_, {"ignored"}, {}};
    ASSERT_TRUE(WriteFileAtomic(directory_ + "/.kasane/context.json", EncodeContextBindings(bindings)).ok());
    File("d/a", "one");
    File("d/sub/b", "two", 0600);
    File("f", "three");
    File("ignored", "");
    ASSERT_EQ(chmod((context_ + "/d").c_str(), 0700), 0);
    ASSERT_EQ(chmod((context_ + "/d/sub").c_str(), 0711), 0);
    File("etc/passwd", "root:x:0:0:::\nbob:x:1000:1001:::\n");
    File("etc/group", "staff:x:50:\n");
  }
  void TearDown() override {
    store_.reset();
    ASSERT_TRUE(RemoveTree(directory_).ok());
  }

  void File(const std::string& path, absl::string_view text, mode_t mode = 0644) {
    const std::string full = context_ + "/" + path;
    ASSERT_TRUE(MakeDirs(std::string(Dirname(full))).ok());
    ASSERT_TRUE(WriteFileAtomic(full, text, mode).ok());
    ASSERT_EQ(chmod(full.c_str(), mode), 0);
    const timespec times[2] = {{kThen, 0}, {kThen, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, full.c_str(), times, 0), 0);
  }

  static CopySpec From(std::vector<std::string> sources, std::string destination) {
    CopySpec spec;
    spec.sources = std::move(sources);
    spec.destination = std::move(destination);
    return spec;
  }

  // Runs the step whose record is `name`, on top of all that were added.
  std::string Run(const Spec& spec, const std::string& name) {
    StepContext context;
    context.store = store_.get();
    context.args.dir = directory_ + "/.kasane";
    context.args.spec = SpecDigest(spec);
    context.args.out = directory_ + "/" + name;
    context.args.below = below_;
    context.args.source = source_;
    context.args.salt = salt_;
    context.args.fresh = fresh_;
    testing::internal::CaptureStderr();
    absl::StatusOr<StepOutcome> outcome;
    if (const auto* copy = std::get_if<CopySpec>(&spec)) {
      outcome = RunCopyStep(*copy, context);
    } else {
      outcome = RunWorkdirStep(std::get<WorkdirSpec>(spec), context);
    }
    errors_ = testing::internal::GetCapturedStderr();
    if (!outcome.ok()) return absl::StrCat("failed ", outcome.status().message());
    return outcome->line;
  }
  // Runs it as the next step and returns the delta: "type mode uid:gid path", implied directories in
  // brackets.
  std::vector<std::string> Add(const Spec& spec) {
    const std::string name = absl::StrCat("step", below_.size());
    const std::string line = Run(spec, name);
    if (line.substr(0, 4) != "ran ") return {line};
    below_.push_back(directory_ + "/" + name);
    return Entries(name);
  }
  Delta Result(const std::string& name) {
    return *LoadDelta(*store_, ReadRecord(directory_ + "/" + name)->delta);
  }
  std::vector<std::string> Entries(const std::string& name) {
    std::vector<std::string> out;
    const Delta delta = Result(name);
    for (const DeltaEntry& e : delta.entries()) {
      std::string line = absl::StrFormat("%c %o %d:%d %s", "?fdlpcbs"[static_cast<int>(e.entry.type)],
                                         e.entry.mode, e.entry.uid, e.entry.gid, e.path);
      out.push_back(e.implied ? "[" + line + "]" : line);
    }
    return out;
  }

  std::string directory_, context_ = ::testing::TempDir() + "/copy_test/context";
  std::unique_ptr<Store> store_;
  std::vector<std::string> below_, source_;
  std::string salt_, fresh_, errors_;
};

TEST_F(CopyTest, FilesAndDirectories) {
  EXPECT_THAT(Add(From({"f"}, "/x")), ElementsAre("f 644 0:0 x"));
  EXPECT_THAT(Add(From({"f"}, "/y/z/")), ElementsAre("d 755 0:0 y", "d 755 0:0 y/z", "f 644 0:0 y/z/f"));
  // The top directory is made 0755, though the source is 0700; what is in it keeps its modes.
  EXPECT_THAT(Add(From({"d"}, "/y/d")), ElementsAre("[d 755 0:0 y]", "d 755 0:0 y/d", "f 644 0:0 y/d/a",
                                                    "d 711 0:0 y/d/sub", "f 600 0:0 y/d/sub/b"));
  // An existing directory takes the file, keeps its mode, and is in the layer.
  EXPECT_THAT(Add(From({"f"}, "/y/d")), ElementsAre("[d 755 0:0 y]", "[d 755 0:0 y/d]", "f 644 0:0 y/d/f"));
  EXPECT_THAT(Add(From({"f"}, "/q/..")), ElementsAre("f 644 0:0 f"));
  EXPECT_THAT(Add(From({"f"}, "/q/.")), ElementsAre("d 755 0:0 q", "f 644 0:0 q/f"));
}

TEST_F(CopyTest, WhatIsThereAlreadyIsNoChange) {
  Add(From({"d"}, "/x"));
  EXPECT_THAT(Add(From({"d/a"}, "/x/")), IsEmpty());
  EXPECT_THAT(Add(From({"d"}, "/x")), IsEmpty());
  File("d/a", "changed");
  EXPECT_THAT(Add(From({"d"}, "/x")), ElementsAre("d 755 0:0 x", "f 644 0:0 x/a"));
  EXPECT_THAT(Add(From({"nope*"}, "/n/")), IsEmpty());
}

TEST_F(CopyTest, MergesDirectories) {
  Add(From({"d"}, "/x"));
  ASSERT_EQ(chmod((context_ + "/d/sub").c_str(), 01777), 0);
  EXPECT_THAT(Add(From({"d"}, "/x")), ElementsAre("d 755 0:0 x", "d 1777 0:0 x/sub"));
}

TEST_F(CopyTest, WildcardsFlattenDirectories) {
  ASSERT_EQ(symlink("a", (context_ + "/d/l").c_str()), 0);
  EXPECT_THAT(Add(From({"d/*"}, "/x/")),
              ElementsAre("d 755 0:0 x", "f 644 0:0 x/a", "f 600 0:0 x/b", "f 644 0:0 x/l"));
  EXPECT_THAT(Add(From({"d"}, "/y/")), ::testing::Contains("l 777 0:0 y/l"));
}

TEST_F(CopyTest, OwnersAndModes) {
  Add(From({"etc"}, "/etc/"));
  CopySpec spec = From({"d"}, "/x/y/");
  spec.chown = "bob:staff";
  spec.chmod = "6750";
  EXPECT_THAT(Add(spec), ElementsAre("d 750 1000:50 x", "d 750 1000:50 x/y", "f 6750 1000:50 x/y/a",
                                     "d 6750 1000:50 x/y/sub", "f 6750 1000:50 x/y/sub/b"));
  spec = From({"f"}, "/z/f");
  spec.chown = "bob";
  spec.chmod = "go=";
  EXPECT_THAT(Add(spec), ElementsAre("d 755 1000:1001 z", "f 600 1000:1001 z/f"));
}

TEST_F(CopyTest, LinksInTheDestinationStayInside) {
  ASSERT_EQ(symlink("/x", (context_ + "/etc/abs").c_str()), 0);
  ASSERT_EQ(symlink("../../../y/z", (context_ + "/etc/up").c_str()), 0);
  Add(From({"etc"}, "/etc"));
  EXPECT_THAT(Add(From({"f"}, "/etc/abs/")), ElementsAre("d 755 0:0 x", "f 644 0:0 x/f"));
  EXPECT_THAT(Add(From({"f"}, "/etc/up")), ElementsAre("d 755 0:0 y", "f 644 0:0 y/z"));
  // A link that a copied name meets is replaced, not followed.
  File("abs", "");
  EXPECT_THAT(Add(From({"abs"}, "/etc/")), ElementsAre("[d 755 0:0 etc]", "f 644 0:0 etc/abs"));
}

TEST_F(CopyTest, Conflicts) {
  Add(From({"etc", "f"}, "/"));
  Add(From({"f"}, "/x/f/f"));
  EXPECT_THAT(Add(From({"f"}, "/passwd/x")), ElementsAre("failed "));
  EXPECT_THAT(errors_, HasSubstr("error: cannot copy to \"/passwd/x\": \"/passwd\" is not a directory"));
  EXPECT_THAT(Add(From({"d"}, "/passwd")), ElementsAre("failed "));
  EXPECT_THAT(errors_, HasSubstr("cannot copy a directory to \"/passwd\": it is not a directory"));
  EXPECT_THAT(Add(From({"f"}, "/x")), ElementsAre("failed "));
  EXPECT_THAT(errors_, HasSubstr("cannot replace the directory \"/x/f\" with a file"));
}

TEST_F(CopyTest, HardLinksWithinOneSource) {
  ASSERT_EQ(link((context_ + "/d/a").c_str(), (context_ + "/d/h").c_str()), 0);
  Add(From({"d"}, "/x"));
  const Delta delta = Result("step0");
  EXPECT_EQ(delta.entries()[1].entry.link_group, LinkGroupId({"x/a", "x/h"}));
  EXPECT_EQ(delta.entries()[2].path, "x/h");
  EXPECT_EQ(delta.entries()[2].entry.link_group, delta.entries()[1].entry.link_group);
  Add(From({"d/a", "d/h"}, "/y/"));
  EXPECT_EQ(Result("step1").entries()[1].entry.link_group, 0u);
}

TEST_F(CopyTest, SpecialFiles) {
  ASSERT_EQ(mkfifo((context_ + "/s").c_str(), 0640), 0);
  EXPECT_THAT(Add(From({"s"}, "/x")), ElementsAre("p 640 0:0 x"));
}

TEST_F(CopyTest, FromAStage) {
  CopySpec spec = From({"d"}, "/src");
  spec.chown = "7:8";
  Add(spec);
  source_ = std::move(below_);
  below_.clear();
  spec = From({"/src/*"}, "/x/");
  spec.from = "stage";
  EXPECT_EQ(Run(spec, "copied"), "ran ");
  EXPECT_THAT(Entries("copied"), ElementsAre("d 755 0:0 x", "f 644 7:8 x/a", "f 600 7:8 x/b"));
  spec.sources = {"/src/aa"};
  EXPECT_EQ(Run(spec, "missing"), "failed ");
  EXPECT_THAT(errors_, HasSubstr("error: \"src/aa\" not found in the stage or image of --from"));
  EXPECT_THAT(errors_, HasSubstr("help: did you mean \"src/a\"?"));
}

TEST_F(CopyTest, InlineFiles) {
  CopySpec spec = From({"f"}, "/x/");
  spec.inline_files = {{"a.txt", "inline"}};
  EXPECT_THAT(Add(spec), ElementsAre("d 755 0:0 x", "f 644 0:0 x/a.txt", "f 644 0:0 x/f"));
  EXPECT_EQ(*store_->ReadBlob(Result("step0").entries()[1].entry.content), "inline");
}

TEST_F(CopyTest, LinkIgnoresWhatIsBelow) {
  ASSERT_EQ(symlink("/elsewhere", (context_ + "/etc/dir").c_str()), 0);
  Add(From({"etc"}, "/etc"));
  CopySpec spec = From({"f"}, "/etc/dir/");
  spec.link = true;
  EXPECT_THAT(Add(spec), ElementsAre("d 755 0:0 etc", "d 755 0:0 etc/dir", "f 644 0:0 etc/dir/f"));
}

TEST_F(CopyTest, MissingSources) {
  EXPECT_THAT(Add(From({"g"}, "/x")), ElementsAre("failed "));
  EXPECT_THAT(errors_, HasSubstr("error: \"g\" not found in the build context"));
  EXPECT_THAT(Add(From({"ignored"}, "/x")), ElementsAre("failed "));
  EXPECT_THAT(errors_, HasSubstr("help: it is there, but .dockerignore leaves it out"));
}

TEST_F(CopyTest, ATouchIsAHitAndKeepsOldTimes) {
  const CopySpec spec = From({"d"}, "/x");
  EXPECT_EQ(Run(spec, "r"), "ran ");
  const std::string record = *ReadFile(directory_ + "/r");
  ASSERT_EQ(utimensat(AT_FDCWD, (context_ + "/d/a").c_str(), nullptr, 0), 0);
  EXPECT_EQ(Run(spec, "r"), "hit ");
  EXPECT_EQ(*ReadFile(directory_ + "/r"), record);
  File("d/a", "changed");
  EXPECT_EQ(Run(spec, "r"), "ran ");
  EXPECT_NE(*ReadFile(directory_ + "/r"), record);
  File("d/a", "one");
  EXPECT_EQ(Run(spec, "r"), "hit ");
  EXPECT_EQ(*ReadFile(directory_ + "/r"), record);
}

TEST_F(CopyTest, FreshRunsAndKeepsARecordThatDiffersInTimesOnly) {
  const CopySpec spec = From({"d"}, "/x");
  Run(spec, "r");
  const std::string record = *ReadFile(directory_ + "/r");
  ASSERT_EQ(utimensat(AT_FDCWD, (context_ + "/d/a").c_str(), nullptr, 0), 0);
  fresh_ = "nonce";
  EXPECT_EQ(Run(spec, "r"), "ran ");
  EXPECT_EQ(*ReadFile(directory_ + "/r"), record);
}

TEST_F(CopyTest, EpochIsEveryTime) {
  CopySpec spec = From({"d"}, "/x");
  spec.epoch = 42;
  Add(spec);
  const Delta delta = Result("step0");
  for (const DeltaEntry& e : delta.entries()) EXPECT_EQ(e.entry.mtime, (Timestamp{42, 0})) << e.path;
  EXPECT_EQ(ReadRecord(below_[0])->created, "1970-01-01T00:00:42Z");
  // Another epoch makes another record, though only times differ.
  spec.epoch = 43;
  EXPECT_EQ(Run(spec, "step0"), "ran ");
  EXPECT_EQ(Result("step0").entries()[0].entry.mtime, (Timestamp{43, 0}));
}

TEST_F(CopyTest, LeavesTheStateForGen) {
  salt_ = "salt";
  const CopySpec spec = From({"d"}, "/x");
  Run(spec, "r");
  const InputState state = *DecodeInputState(*ReadFile(directory_ + "/r.inputs"));
  EXPECT_EQ(state.salt, "salt");
  ASSERT_EQ(state.facts.size(), 4u);
  EXPECT_EQ(state.Find("d/a")->content, Sha256Of("one"));
  EXPECT_TRUE(state.Find("d/a")->racy);  // made a moment ago
}

// Facts that hold spare the reading: a file whose recorded facts hold is not read, whatever it holds.
TEST_F(CopyTest, KnownFilesAreNotReadAgain) {
  const CopySpec spec = From({"d"}, "/x");
  Run(spec, "r");
  InputState state = *DecodeInputState(*ReadFile(directory_ + "/r.inputs"));
  for (InputFact& fact : state.facts) {
    fact.racy = false;
    if (fact.entry.path == "d/a") fact.content = *store_->PutBlob("pretended");
  }
  ASSERT_TRUE(WriteFileAtomic(directory_ + "/r.inputs", EncodeInputState(state)).ok());
  EXPECT_EQ(Run(spec, "r"), "ran ");
  EXPECT_EQ(Result("r").entries()[1].entry.content, Sha256Of("pretended"));
}

TEST_F(CopyTest, LostContentIsNoResult) {
  const CopySpec spec = From({"f"}, "/x");
  Run(spec, "r");
  ASSERT_EQ(unlink(store_->LooseBlobPath(Sha256Of("three"))->c_str()), 0);
  EXPECT_NE(Run(spec, "r"), "failed ");
  EXPECT_TRUE(store_->HasBlob(Sha256Of("three")));
}

TEST_F(CopyTest, Workdir) {
  Add(From({"etc"}, "/etc"));
  WorkdirSpec spec;
  spec.path = "/w/x";
  spec.user = "bob:staff";
  EXPECT_THAT(Add(spec), ElementsAre("d 755 1000:50 w", "d 755 1000:50 w/x"));
  spec.user = "";
  EXPECT_THAT(Add(spec), IsEmpty());  // BuildKit: an empty layer
  spec.path = "/w/x/y";
  spec.user = "nosuch";
  EXPECT_THAT(Add(spec), ElementsAre("[d 755 1000:50 w]", "[d 755 1000:50 w/x]", "d 755 0:0 w/x/y"));
  EXPECT_EQ(Run(spec, "again"), "ran ");
  EXPECT_THAT(Entries("again"), IsEmpty());
  spec.path = "/etc/passwd/x";
  EXPECT_EQ(Run(spec, "bad"), "failed ");
  EXPECT_THAT(errors_, HasSubstr("cannot make \"/etc/passwd/x\": \"etc/passwd\" is not a directory"));
}

// What is made in a set-gid directory is set-gid, and of its group unless an owner is given (measured).
TEST_F(CopyTest, SetGidDirectories) {
  ASSERT_EQ(chmod((context_ + "/d/sub").c_str(), 02775), 0);
  CopySpec spec = From({"d"}, "/x");
  spec.chown = "5:6";
  Add(spec);
  WorkdirSpec workdir;
  workdir.path = "/x/sub/new";
  EXPECT_THAT(Add(workdir), ElementsAre("[d 755 5:6 x]", "[d 2775 5:6 x/sub]", "d 2755 0:6 x/sub/new"));
  workdir.path = "/x/sub/other";
  workdir.user = "9:10";
  EXPECT_THAT(Add(workdir), ElementsAre("[d 755 5:6 x]", "[d 2775 5:6 x/sub]", "d 2755 9:10 x/sub/other"));
}

}  // namespace
}  // namespace kasane
