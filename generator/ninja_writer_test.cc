#include "generator/ninja_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "generator/test_plan.h"

namespace kasane {
namespace {

// Digests stand for what specs say, which is not the writer's affair.
std::string HideDigests(const std::string& text) {
  constexpr size_t kHexSize = 64;
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = text.find_first_not_of("0123456789abcdef", i);
    if (end == std::string::npos) end = text.size();
    if (end == i) {
      out += text[i++];
    } else {
      out += end - i == kHexSize ? "SPEC" : text.substr(i, end - i);
      i = end;
    }
  }
  return out;
}

std::string Text(const Plan& plan, const StepInputs& inputs = {}, const std::string& fresh = "") {
  return HideDigests(
      NinjaText(BuildGraph(plan, inputs), {"/opt/my tools/gen", ".kasane", "id.0", fresh}, "Dockerfile"));
}

TEST(NinjaWriterTest, TheWholeText) {
  EXPECT_EQ(
      Text(TwoStagePlan(), {{{{"a b$c:d.go", "main.go"}, "5a17"}}}),
      R"ninja(# Made by gen (Kasane) from Dockerfile. Do not edit: it is written again whenever that changes.
# For a ninja file in another directory: set `kasane = path/to/this/build/` and `subninja` this file; targets
# then begin with that path too. `kasane_pull_pool` may name a pool for downloads.

gen = '/opt/my tools/gen'
state = ${kasane}.kasane
records = ${kasane}.kasane/records
step = exec $gen step --dir $state --store id.0

rule kasane_gen
  command = exec $gen regenerate $state
  description = gen
  depfile = $state/stamp.d
  generator = 1
  pool = console

rule kasane_step
  command = $step $options --below $in --source $source -- $spec $out
  description = $what
  restat = 1

rule kasane_chain
  command = exec $gen chain $state $out $in
  description = $what
  restat = 1

rule kasane_collect
  command = $step $options --source $in -- $spec $out
  description = $what
  restat = 1

rule kasane_always
  command = $step $options --source $in -- $spec $out
  description = $what

build $state/stamp: kasane_gen

# Dockerfile:1 FROM golang:latest
build $records/base/golang-latest/1-pull.json: kasane_step
  spec = SPEC
  what = [base] pull golang:latest 1/2, 1.2 MB
  pool = $kasane_pull_pool

# Dockerfile:1 FROM golang:latest
build $records/base/golang-latest/2-pull.json: kasane_step
  spec = SPEC
  what = [base] pull golang:latest 2/2, 1.2 MB
  pool = $kasane_pull_pool

# Dockerfile:1 FROM golang:latest
build $records/base/golang-latest/base.json: kasane_step $records/base/golang-latest/1-pull.json $records/base/golang-latest/2-pull.json
  spec = SPEC
  what = [base] golang:latest

# Dockerfile:2 COPY . .
build $records/build/1-copy.json: kasane_step $records/base/golang-latest/base.json | ${kasane}a$ b$$c$:d.go ${kasane}main.go
  spec = SPEC
  options = --salt 5a17
  what = [build] COPY . .

# Dockerfile:3 RUN make
build $records/build/2-run.json: kasane_step $records/base/golang-latest/base.json $records/build/1-copy.json
  spec = SPEC
  options = --log $state/logs/build/2-run.log $kasane_console
  what = [build] RUN make
  pool = $kasane_run_pool

# Dockerfile:4 FROM alpine:latest
build $records/base/alpine-latest/1-pull.json: kasane_step
  spec = SPEC
  what = [base] pull alpine:latest 1/1, 1.2 MB
  pool = $kasane_pull_pool

# Dockerfile:4 FROM alpine:latest
build $records/base/alpine-latest/base.json: kasane_step $records/base/alpine-latest/1-pull.json
  spec = SPEC
  what = [base] alpine:latest

# Dockerfile:5 COPY --from=build /src/app /
build $records/1/1-copy.json: kasane_step $records/base/alpine-latest/base.json | $records/base/golang-latest/base.json $records/build/1-copy.json $records/build/2-run.json
  spec = SPEC
  source = $records/base/golang-latest/base.json $records/build/1-copy.json $records/build/2-run.json
  what = [1] COPY --from=build /src/app /

# Dockerfile:5 layer of COPY --from=build /src/app /
build $records/1/1-layer.json: kasane_step $records/base/alpine-latest/base.json | $records/1/1-copy.json
  spec = SPEC
  source = $records/1/1-copy.json
  what = [1] layer of COPY --from=build /src/app /

build $records/image.json | $state/out/oci/index.json: kasane_collect $records/base/alpine-latest/base.json $records/1/1-layer.json $records/1/1-copy.json
  spec = SPEC
  what = image docker.io/library/app:latest

build $records/archive.json | $state/out/image.tar: kasane_collect $records/image.json
  spec = SPEC
  what = archive image.tar

build $records/push.json: kasane_always $records/image.json
  spec = SPEC
  what = push docker.io/library/app:latest
  pool = console

build ${kasane}image: phony $records/image.json
build ${kasane}oci: phony $records/image.json
build ${kasane}archive: phony $records/archive.json
build ${kasane}push: phony $records/push.json
build ${kasane}stage/build: phony $records/base/golang-latest/base.json $records/build/1-copy.json $records/build/2-run.json
build ${kasane}stage/1: phony $records/base/alpine-latest/base.json $records/1/1-copy.json
)ninja");
}

TEST(NinjaWriterTest, WhatTheUserWroteCannotBreakALine) {
  Plan plan = TwoStagePlan();
  plan.stages[0].steps[1].text = "RUN echo $HOME\t\n: | # x";
  std::string text = Text(plan);
  EXPECT_NE(text.find("# Dockerfile:3 RUN echo $HOME  : | # x\n"), std::string::npos);
  EXPECT_NE(text.find("  what = [build] RUN echo $$HOME??: | # x\n"), std::string::npos);
}

TEST(NinjaWriterTest, LongTitlesAreCutBetweenCharacters) {
  Plan plan = TwoStagePlan();
  plan.stages[0].steps[1].text = "RUN " + std::string(58, 'x') + "\u00e9\u00e9\u00e9\u00e9\u00e9";
  EXPECT_NE(Text(plan).find("x\u00e9...\n"), std::string::npos) << Text(plan);
}

TEST(NinjaWriterTest, NoCacheStandsInTheCommandsOfInstructionsAlone) {
  std::string text = Text(TwoStagePlan(), {}, "n1");
  EXPECT_NE(text.find("  options = --fresh n1\n  what = [build] COPY"), std::string::npos);
  EXPECT_EQ(text.find("  options = --fresh n1\n  what = [1] layer"), std::string::npos);
}

TEST(NinjaWriterTest, AbsoluteFilesHaveNoPrefix) {
  std::string text = Text(TwoStagePlan(), {{{{"/abs/image", "../up"}, ""}}});
  EXPECT_NE(text.find(" | /abs/image ${kasane}../up\n"), std::string::npos);
}

TEST(NinjaWriterTest, AnOutputElsewhereIsWrittenByTheDefaultTarget) {
  std::string text =
      NinjaText(BuildGraph(TwoStagePlan(), {}, "my $x.tar"), {"gen", ".kasane", "id.0", ""}, "Dockerfile");
  EXPECT_NE(text.find("build $records/archive.json | ${kasane}my$ $$x.tar: kasane_collect"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  options = --dest ${kasane}'my $$x.tar'\n"), std::string::npos) << text;
  EXPECT_NE(text.find("build ${kasane}image: phony $records/image.json $records/archive.json\n"),
            std::string::npos);
}

TEST(NinjaWriterTest, NamesThatNinjaCannotHold) {
  EXPECT_TRUE(NinjaCanName("a b$c:d\xff"));
  EXPECT_FALSE(NinjaCanName("a\nb"));
  EXPECT_FALSE(NinjaCanName("a|b"));
  EXPECT_FALSE(NinjaCanName(""));
}

TEST(NinjaWriterTest, TheStubIsKnownAgain) {
  EXPECT_TRUE(IsNinjaStub(NinjaStub()));
  EXPECT_FALSE(IsNinjaStub("rule cc\n"));
  EXPECT_FALSE(IsNinjaStub(""));
}

TEST(NinjaWriterTest, DepfilesLeaveOutWhatTheyCannotHold) {
  EXPECT_EQ(Depfile(".kasane/stamp", {"Dockerfile", "a b#c$d", "x|y", "end:", "sub/dir"}),
            ".kasane/stamp: \\\n  Dockerfile \\\n  a\\ b\\#c$$d \\\n  sub/dir\n");
}

}  // namespace
}  // namespace kasane
