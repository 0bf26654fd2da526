#include "generator/remotes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "generator/graph.h"
#include "src/base/file.h"
#include "src/contract/http_state.h"

namespace kasane {
namespace {

using ::testing::HasSubstr;

// A gen-net that is a shell script.
class RemotesTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "/remotes_test";
    ASSERT_TRUE(RemoveTree(directory_).ok());
    ASSERT_TRUE(MakeDirs(directory_).ok());
    Answer("exit 1");
  }
  void TearDown() override { ASSERT_TRUE(RemoveTree(directory_).ok()); }
  void Answer(const std::string& script) {
    ASSERT_TRUE(WriteFileAtomic(directory_ + "/gen-net",
                                "#!/bin/sh\necho \"$@\" >>" + directory_ + "/asked\n" + script + "\n")
                    .ok());
    ASSERT_EQ(chmod((directory_ + "/gen-net").c_str(), 0755), 0);
  }
  std::string Asked() {
    std::string text = ReadFile(directory_ + "/asked").value_or("");
    (void)RemoveTree(directory_ + "/asked");
    return text;
  }
  // Resolves the remotes of a plan with this one; what became of it, or the error.
  std::string Resolve(PlanRemote remote, bool ask) {
    Plan plan;
    plan.stages.emplace_back();
    plan.stages[0].steps.emplace_back();
    remote.range = {7, 1, 7, 2};
    plan.stages[0].steps[0].remotes.push_back(std::move(remote));
    RemoteResolver resolver(directory_ + "/gen-net", ask);
    resolver.Load(directory_ + "/remotes.json");
    Diagnostic error;
    if (!resolver.Resolve(directory_, &plan, &error)) {
      EXPECT_EQ(error.range.line, 7);
      return error.message;
    }
    const std::string known = resolver.Encode();
    if (!known.empty()) {
      EXPECT_TRUE(WriteFileAtomic(directory_ + "/remotes.json", known).ok());
    }
    const PlanRemote& done = plan.stages[0].steps[0].remotes[0];
    const auto* git = std::get_if<GitSpec>(&done.spec);
    return git != nullptr ? absl::StrCat(git->ref, " ", git->commit) : absl::StrCat("salt ", done.salt);
  }
  static PlanRemote Git(const std::string& ref, const std::string& checksum = "", bool keep = false) {
    GitSpec spec;
    spec.remote = "https://h/r.git";
    spec.ref = ref;
    spec.keep_git_dir = keep;
    return {spec, checksum, {}, ""};
  }
  void Brought(const Spec& spec, const HttpState& state) {
    const std::string record = JoinPath(directory_, RemoteRecord(spec));
    ASSERT_TRUE(MakeDirs(std::string(Dirname(record))).ok());
    ASSERT_TRUE(WriteFileAtomic(HttpStatePath(record), EncodeHttpState(state)).ok());
  }

  std::string directory_;
};

TEST_F(RemotesTest, BranchesBecomeCommits) {
  Answer(R"(echo '{"ref":"main","object":"aa11","commit":"bb22"}')");
  EXPECT_EQ(Resolve(Git(""), true), "main bb22");
  EXPECT_EQ(Asked(), "commit https://h/r.git  {\"version\":1}\n\n");
  EXPECT_EQ(Resolve(Git("", "", true), false), "main aa11");
  EXPECT_EQ(Asked(), "");
  EXPECT_EQ(Resolve(Git("", "aa"), true), "main bb22");
  EXPECT_EQ(Resolve(Git("", "bb2"), true), "main bb22");
  EXPECT_EQ(Resolve(Git("", "cc"), true),
            "main is the commit bb22, which does not begin with the checksum cc");
  // A regeneration asks where what it knows does not fit, or where it knows nothing.
  Asked();
  EXPECT_THAT(Resolve(Git("", "cc"), false), HasSubstr("does not begin with"));
  EXPECT_EQ(Resolve(Git("other"), false), "main bb22");
  EXPECT_EQ(Asked(),
            "commit https://h/r.git  {\"version\":1}\n\ncommit https://h/r.git other {\"version\":1}\n\n");
}

TEST_F(RemotesTest, CommitsAreNotAskedFor) {
  PlanRemote remote = Git("x");
  std::get<GitSpec>(remote.spec).commit = "dd33";
  EXPECT_EQ(Resolve(remote, true), "x dd33");
  EXPECT_EQ(Asked(), "");
}

TEST_F(RemotesTest, FailuresAreSaid) {
  Answer("echo 'gen-net: warning: x' >&2; echo 'gen-net: no such thing' >&2; exit 1");
  EXPECT_EQ(Resolve(Git("x"), true), "no such thing");
  Answer("echo nonsense");
  EXPECT_THAT(Resolve(Git("x"), true), HasSubstr("the answer of gen-net"));
}

TEST_F(RemotesTest, SaltsOfFiles) {
  HttpSpec spec;
  spec.url = "http://h/f";
  spec.name = "f";
  const PlanRemote remote = {spec, "", {}, ""};
  EXPECT_EQ(Resolve(remote, true), "salt ");  // never run
  EXPECT_EQ(Asked(), "");
  Brought(spec, {"s1", "\"e\"", ""});
  EXPECT_EQ(Resolve(remote, false), "salt s1");
  EXPECT_EQ(Asked(), "");
  Answer("echo '{\"same\":true}'");
  EXPECT_EQ(Resolve(remote, true), "salt s1");
  EXPECT_EQ(Asked(), "probe http://h/f \"e\" {\"version\":1}\n\n");
  Answer("echo '{\"same\":false}'");
  EXPECT_NE(Resolve(remote, true), "salt s1");
  // Without an ETag there is nothing to ask.
  Asked();
  Brought(spec, {"s2", "", ""});
  EXPECT_NE(Resolve(remote, true), "salt s2");
  EXPECT_EQ(Resolve(remote, false), "salt s2");
  EXPECT_EQ(Asked(), "");
  // Nor with a checksum.
  spec.checksum = Sha256Of("f");
  EXPECT_EQ(Resolve({spec, "", {}, ""}, true), "salt ");
  EXPECT_EQ(Asked(), "");
}

TEST_F(RemotesTest, TimesAreKept) {
  HttpSpec spec;
  spec.url = "http://me:pw@h/f";
  const PlanRemote file = {spec, "", {}, ""};
  spec.url = "http://h/g";
  const PlanRemote other = {spec, "", {}, ""};
  RemoteResolver first("", /*ask=*/true);
  Epoch time;
  EXPECT_FALSE(first.FindTime(file, &time));
  EXPECT_EQ(first.Encode(), "");
  first.KeepTime(file, 5);
  first.KeepTime(other, Epoch());
  EXPECT_TRUE(first.FindTime(file, &time));
  EXPECT_EQ(time, Epoch(5));
  const std::string known = first.Encode();
  EXPECT_EQ(known.find("pw"), std::string::npos);
  ASSERT_TRUE(WriteFileAtomic(directory_ + "/remotes.json", known).ok());

  RemoteResolver again("", /*ask=*/false);
  again.Load(directory_ + "/remotes.json");
  time.reset();
  EXPECT_TRUE(again.FindTime(other, &time));
  EXPECT_EQ(time, Epoch());
  EXPECT_TRUE(again.FindTime(file, &time));
  EXPECT_EQ(time, Epoch(5));
  EXPECT_EQ(again.Encode(), known);
  RemoteResolver typed("", /*ask=*/true);
  typed.Load(directory_ + "/remotes.json");
  EXPECT_FALSE(typed.FindTime(file, &time));
  EXPECT_EQ(typed.Encode(), "");
}

}  // namespace
}  // namespace kasane
