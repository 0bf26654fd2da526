#include "src/steps/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "src/base/file.h"
#include "src/contract/build_secrets.h"
#include "src/contract/record.h"
#include "src/sandbox/sandbox_test_util.h"
#include "src/steps/run_log.h"
#include "src/steps/run_ssh.h"
#include "src/store/caches.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class RunStepTest : public SandboxTest {
 protected:
  // Runs the step on the present tree.
  absl::StatusOr<StepOutcome> Step(const std::string& command) {
    spec_.argv = {"/bin/sh", "-c", command};
    spec_.env = {"PATH=/bin"};
    spec_.network = "host";
    Record base;
    base.kind = "base";
    base.tree = SaveTree(store_.get(), MakeTree()).value();
    EXPECT_TRUE(WriteRecord(directory_ + "/base", base).ok());
    StepContext context;
    context.store = store_.get();
    context.args.dir = directory_;
    context.args.spec = Sha256Of(command + (spec_.epoch.has_value() ? "epoch" : ""));
    context.args.out = directory_ + "/out";
    context.args.log = directory_ + "/logs/log";
    context.args.below = {directory_ + "/base"};
    context.args.source = {directory_ + "/base"};
    context.args.fresh = fresh_;
    return RunRunStep(spec_, context);
  }
  std::string Out() { return ReadFile(directory_ + "/out").value_or(""); }

  RunSpec spec_;
  std::string fresh_;
};

TEST_F(RunStepTest, RunsOnceThenHits) {
  auto ran = Step("echo out; echo $HOME > /f");
  ASSERT_TRUE(ran.ok()) << ran.status();
  EXPECT_THAT(ran->line, StartsWith("ran RUN /bin/sh -c echo out"));
  EXPECT_EQ(ReadFile(directory_ + "/logs/log").value(), "out\n");
  std::string record = Out();
  Record decoded = DecodeRecord(record, "out").value();
  EXPECT_EQ(decoded.kind, "run");
  EXPECT_EQ(LoadDelta(*store_, decoded.delta)->entries().size(), 1);
  EXPECT_EQ(store_->ReadBlob(decoded.log).value(), "out\n");

  EXPECT_TRUE(RemoveTree(directory_ + "/out").ok());
  EXPECT_THAT(Step("echo out; echo $HOME > /f")->line, StartsWith("hit RUN "));
  EXPECT_EQ(Out(), record);
}

TEST_F(RunStepTest, RunsAgainOnlyIfWhatItReadHasChanged) {
  AddFile("etc/f", "x");
  ASSERT_TRUE(Step("cat /etc/f > /copy; ls /tmp").ok());
  const std::string record = Out();
  AddFile("etc/g", "nobody reads it");
  EXPECT_THAT(Step("cat /etc/f > /copy; ls /tmp")->line, HasSubstr("nothing that it read has changed"));
  EXPECT_EQ(Out(), record);
  AddFile("tmp/new", "");
  EXPECT_THAT(Step("cat /etc/f > /copy; ls /tmp")->line,
              AllOf(StartsWith("ran "), HasSubstr("listing of /tmp")));
  entries_.pop_back();  // as it was before
  EXPECT_THAT(Step("cat /etc/f > /copy; ls /tmp")->line, StartsWith("hit "));
}

TEST_F(RunStepTest, AFailureLeavesNothing) {
  ASSERT_TRUE(Step("true").ok());
  testing::internal::CaptureStderr();
  auto failed = Step("echo oh no; exit 4");
  std::string errors = testing::internal::GetCapturedStderr();
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(failed.status().message(), "");
  EXPECT_THAT(errors, HasSubstr("oh no\n"));
  EXPECT_THAT(errors, HasSubstr("the command failed with exit code 4"));
  EXPECT_THAT(errors, HasSubstr(directory_ + "/logs/log"));
  EXPECT_EQ(Out(), "");
  testing::internal::CaptureStderr();
  EXPECT_FALSE(Step("echo oh no; exit 4").ok());
  testing::internal::GetCapturedStderr();
}

TEST_F(RunStepTest, KeepsTheOldRecordIfOnlyTimesDiffer) {
  ASSERT_TRUE(Step("echo same > /f").ok());
  std::string record = Out();
  fresh_ = "1";
  EXPECT_THAT(Step("echo same > /f")->line, StartsWith("ran "));
  EXPECT_EQ(Out(), record);
  // Not if the times that it holds were made under another epoch.
  spec_.epoch = 5;
  ASSERT_TRUE(Step("echo same > /f").ok());
  EXPECT_NE(Out(), record);
  EXPECT_THAT(Out(), HasSubstr("1970-01-01T00:00:05Z"));
}

TEST_F(RunStepTest, AResultWithoutItsContentsIsNoResult) {
  ASSERT_TRUE(Step("echo same > /f").ok());
  ASSERT_TRUE(RemoveTree(store_->LooseBlobPath(Sha256Of("same\n")).value()).ok());
  EXPECT_THAT(Step("echo same > /f")->line, StartsWith("ran "));
  EXPECT_TRUE(store_->HasBlob(Sha256Of("same\n")));
}

TEST_F(RunStepTest, SaysWhatIsWrong) {
  spec_.user = "nobody-like-it";
  testing::internal::CaptureStderr();
  EXPECT_FALSE(Step("true").ok());
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("unable to find user nobody-like-it"));
}

TEST_F(RunStepTest, MountsAStage) {
  AddFile("etc/f", "x");
  MountSpec mount;
  mount.type = "bind";
  mount.target = "/m";
  mount.from = "stage";
  mount.records = 1;
  mount.source = "etc";
  mount.read_only = true;
  spec_.mounts = {mount};
  ASSERT_TRUE(Step("cat /m/f > /out").ok());
  EXPECT_THAT(Step("cat /m/f > /out")->line, StartsWith("hit "));
  spec_.mounts[0].source = "nope";
  testing::internal::CaptureStderr();
  EXPECT_FALSE(Step("true").ok());
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("cannot mount \"/nope\""));
}

TEST_F(RunStepTest, CachesAreNoPartOfTheKeyButTheirLossMayBe) {
  MountSpec mount;
  mount.type = "cache";
  mount.target = "/c";
  mount.id = "c";
  mount.sharing = "shared";
  spec_.mounts = {mount};
  const std::string command = "echo x >> /c/f; wc -l < /c/f > /out";
  ASSERT_TRUE(Step(command).ok());
  spec_.mounts[0].id = "d";
  EXPECT_THAT(Step(command)->line, StartsWith("hit "));
  spec_.mounts[0].needed = true;
  EXPECT_THAT(Step(command)->line, StartsWith("ran "));  // it used another cache
  EXPECT_THAT(Step(command)->line, StartsWith("hit "));
  ASSERT_TRUE(RemoveCache(store_.get(), {"d", ""}, 0).ok());
  EXPECT_THAT(Step(command)->line, StartsWith("ran "));
}

TEST_F(RunStepTest, SecretsComeFromFilesAndVariables) {
  MountSpec file, variable;
  file.type = variable.type = "secret";
  file.id = "f";
  file.target = "/run/secrets/f";
  variable.id = "v";
  variable.env = "V";
  spec_.mounts = {file, variable};
  BuildSecrets secrets;
  secrets.secrets["f"].path = directory_ + "/secret";
  secrets.secrets["v"].env = "KASANE_RUN_TEST";
  ASSERT_TRUE(WriteFileAtomic(directory_ + "/secret", "hush").ok());
  ASSERT_TRUE(WriteFileAtomic(BuildSecretsPath(directory_), EncodeBuildSecrets(secrets)).ok());
  setenv("KASANE_RUN_TEST", "quiet", 1);
  ASSERT_TRUE(Step("[ $(cat /run/secrets/f)$V = hushquiet ]").ok());
  spec_.mounts[0].id = "nobody";
  ASSERT_TRUE(Step("[ ! -e /run/secrets ]").ok());
  spec_.mounts[0].required = true;
  testing::internal::CaptureStderr();
  EXPECT_FALSE(Step("true").ok());
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("the secret nobody is required"));
}

TEST(SshForward, PassesOnWhatReadsAlone) {
  EXPECT_TRUE(IsAllowedAgentRequest("\x0b"));
  EXPECT_TRUE(IsAllowedAgentRequest("\x0d and more"));
  for (const char* request : {"", "\x11", "\x12", "\x13", "\x16", "\x1b"}) {
    EXPECT_FALSE(IsAllowedAgentRequest(request));
  }
}

TEST(RunLog, TailIsTheLastTwentyLines) {
  RunLog log = RunLog::Open("", false, Progress()).value();
  EXPECT_EQ(log.Tail().value(), "");
  log.Append("first\nsecond");
  EXPECT_EQ(log.Tail().value(), "first\nsecond\n");
  for (int i = 0; i < 30; ++i) log.Append(absl::StrCat("\n", i));
  std::string tail = log.Tail().value();
  EXPECT_THAT(tail, StartsWith("[...]\n10\n"));
  EXPECT_TRUE(absl::EndsWith(tail, "\n28\n29\n"));
}

}  // namespace
}  // namespace kasane
