#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "src/base/file.h"
#include "src/contract/record.h"
#include "src/contract/spec.h"
#include "src/contract/spec_file.h"
#include "src/contract/step.h"

namespace kasane {
namespace {

std::string TempDir() {
  std::string path = "/tmp/contract_test.XXXXXX";
  return mkdtemp(path.data());
}

RunSpec SomeRun() {
  RunSpec run;
  run.argv = {"/bin/sh", "-c", "true"};
  run.env = {"A=1"};
  run.epoch = 0;
  run.mounts = {{.type = "cache", .target = "/c", .needed = true, .mode = 0755}};
  run.devices = {{"vendor.com/class=x", true}};
  run.device_env = {"B=2"};
  run.device_nodes = {{.path = "/dev/x", .host = "/dev/y", .type = "c", .major = 1, .mode = 0}};
  run.device_mounts = {{"/s", "/t", {"ro"}, {}}};
  run.device_groups = {7};
  run.profiles = "x";
  run.stat_level = 2;
  run.inline_files = {{"EOF", "body\n"}};
  return run;
}

TEST(Spec, CanonicalTextAndRoundTrip) {
  Spec spec = SomeRun();
  std::string text = EncodeSpec(spec);
  EXPECT_EQ(
      text,
      R"({"format":1,"kind":"run","argv":["/bin/sh","-c","true"],"env":["A=1"],)"
      R"("mounts":[{"type":"cache","target":"/c","needed":true,"mode":493}],)"
      R"("devices":[{"name":"vendor.com/class=x","required":true}],"device_env":["B=2"],)"
      R"("device_nodes":[{"path":"/dev/x","host":"/dev/y","type":"c","major":1,"mode":0}],)"
      R"("device_mounts":[{"source":"/s","target":"/t","options":["ro"]}],"device_groups":[7],"profiles":"x",)"
      R"("stat_level":2,"inline_files":[["EOF","body\n"]],"epoch":0})");
  Spec again = DecodeSpec(text).value();
  EXPECT_EQ(EncodeSpec(again), text);
  EXPECT_EQ(std::get<RunSpec>(again).network, "default");
  EXPECT_EQ(std::get<RunSpec>(again).mounts[0].uid, -1);
}

TEST(Spec, FilesNeedNotBeText) {
  CopySpec copy;
  copy.inline_files = {{"f", "\xe9\xff"}, {"g", "\xc3\xa9"}};
  copy.remotes = {0, 2};
  const std::string text = EncodeSpec(copy);
  EXPECT_EQ(
      text,
      "{\"format\":1,\"kind\":\"copy\",\"inline_files\":[[\"f\",\"6f8=\",\"base64\"],[\"g\",\"\xc3\xa9\"]],"
      "\"remotes\":[0,2]}");
  const CopySpec again = std::get<CopySpec>(DecodeSpec(text).value());
  EXPECT_EQ(again.inline_files, copy.inline_files);
  EXPECT_EQ(again.remotes, copy.remotes);
  EXPECT_FALSE(DecodeSpec(R"({"format":1,"kind":"copy","inline_files":[["f","?","base64"]]})").ok());
  EXPECT_FALSE(DecodeSpec(R"({"format":1,"kind":"copy","inline_files":[["f"]]})").ok());
}

TEST(Spec, EveryKindRoundTrips) {
  ImageSpec image;
  image.config = Json::parse(R"({"architecture":"amd64","config":{"Env":["A=b"]}})");
  image.history = {{.created_by = "RUN x", .step = 0}, {.created_by = "ENV A=b"}};
  image.steps = 1;
  for (const Spec& spec : std::vector<Spec>{
           PullSpec{"docker.io/library/x", Sha256Of("b"), 3, "m", Sha256Of("d")}, BaseSpec{{Sha256Of("d")}},
           BaseSpec{{}, true}, CopySpec{}, WorkdirSpec{"/a", "u", {}}, SomeRun(), LayerSpec{}, image,
           ArchiveSpec{{"n"}, {{"k", "v"}}}, IndexSpec{{{{{"a", "b"}}}, {}}, {"n"}, {{"c", "d"}}, {}},
           PushSpec{{"n"}}, HttpSpec{"u", "n", Sha256Of("c")},
           GitSpec{"r", "main", "c", "d", true, true, true}}) {
    EXPECT_EQ(EncodeSpec(DecodeSpec(EncodeSpec(spec)).value()), EncodeSpec(spec)) << SpecKind(spec);
  }
  EXPECT_FALSE(DecodeSpec(R"({"format":1,"kind":"nosuch"})").ok());
  EXPECT_FALSE(DecodeSpec(R"({"format":1,"kind":"pull","blob":"sha256:zz"})").ok());
}

TEST(SpecFile, FindsEachAndNothingElse) {
  std::map<Digest, std::string> specs;
  for (int i = 0; i < 50; ++i) {
    std::string text = EncodeSpec(WorkdirSpec{"/" + std::to_string(i), "", {}});
    specs[Sha256Of(text)] = text;
  }
  std::string path = TempDir() + "/specs";
  ASSERT_TRUE(WriteFileAtomic(path, EncodeSpecFile(specs)).ok());
  for (const auto& [digest, text] : specs) EXPECT_EQ(EncodeSpec(ReadSpec(path, digest).value()), text);
  EXPECT_TRUE(absl::IsNotFound(ReadSpec(path, Sha256Of("no")).status()));
}

TEST(Record, RoundTripAndChain) {
  std::string dir = TempDir();
  Record base;
  base.kind = "base";
  base.tree = Sha256Of("t");
  base.layers = {{Sha256Of("d"), Sha256Of("b"), 7, "m"}};
  Record copy;
  copy.kind = "copy";
  copy.delta = Sha256Of("x");
  copy.created = "2020-01-01T00:00:00Z";
  copy.gaps = {"root/.cache"};
  copy.warm = Sha256Of("s");
  EXPECT_TRUE(WriteRecord(dir + "/a", base).value());
  EXPECT_FALSE(WriteRecord(dir + "/a", base).value());
  EXPECT_TRUE(WriteRecord(dir + "/b", copy).value());
  EXPECT_EQ(EncodeRecord(ReadRecord(dir + "/a").value()), EncodeRecord(base));
  EXPECT_EQ(EncodeRecord(ReadRecord(dir + "/b").value()), EncodeRecord(copy));
  EXPECT_EQ(ReadRecord(dir + "/b").value().gaps, copy.gaps);
  Chain chain = ReadChain({dir + "/a", dir + "/b"}).value();
  EXPECT_EQ(chain.base_tree, base.tree);
  ASSERT_EQ(chain.deltas.size(), 1u);
  EXPECT_FALSE(ReadChain({dir + "/b", dir + "/a"}).ok());
}

TEST(StepArgs, Parse) {
  std::string hex(64, 'a');
  StepArgs args =
      ParseStepArgs({"--dir", ".kasane", "--below", "r1", "r2", "--salt", "", "--console", "--", hex, "out"})
          .value();
  EXPECT_EQ(args.below, (std::vector<std::string>{"r1", "r2"}));
  EXPECT_TRUE(args.console);
  EXPECT_EQ(args.out, "out");
  EXPECT_FALSE(ParseStepArgs({"--dir", "d", "x", "--", hex, "out"}).ok());
  EXPECT_FALSE(ParseStepArgs({"--dir", "d", "--", "zz", "out"}).ok());
}

TEST(Bindings, RoundTrip) {
  std::string dir = TempDir();
  ContextBindings bindings = {{"", {".", {"*.md", "!a.md"}, {".kasane"}}}};
  ASSERT_TRUE(WriteFileAtomic(dir + "/context.json", EncodeContextBindings(bindings)).ok());
  ContextBindings again = ReadContextBindings(dir).value();
  EXPECT_EQ(again[""].ignore, bindings[""].ignore);
  StepOrigin origin;
  origin.range = {7, 1, 7, 13};
  origin.text = "RUN go build";
  ASSERT_TRUE(WriteFileAtomic(dir + "/steps.json",
                              EncodeStepOrigins("Dockerfile", {{"n", StepOrigin()}, {"o", origin}}))
                  .ok());
  EXPECT_EQ(ReadStepOrigin(dir, "o").range.end_column, 13);
  EXPECT_EQ(ReadStepOrigin(dir, "o").dockerfile, "Dockerfile");
  EXPECT_EQ(ReadStepOrigin(dir, "p").range.line, 0);
  EXPECT_EQ(ReadStepOrigin(dir, "p").dockerfile, "Dockerfile");
  absl::StatusOr<Json> json = ParseJson(*ReadFile(dir + "/steps.json"), "steps.json");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["steps"]["o"]["text"], "RUN go build");
}

}  // namespace
}  // namespace kasane
