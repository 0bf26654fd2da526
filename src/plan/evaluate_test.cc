#include "src/plan/evaluate.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/dockerfile/parser.h"
#include "src/plan/dump_plan.h"

namespace kasane {
namespace {

constexpr char kAlpine[] =
    R"({"created":"2025-01-01T00:00:00Z","architecture":"amd64","os":"linux","id":"dropped",)"
    R"("config":{"Env":["PATH=/bin","LANG=C"],"Cmd":["/bin/sh"],"WorkingDir":"/base","Hostname":"dropped"},)"
    R"("history":[{"created":"2025-01-01T00:00:00Z","created_by":"base","x":1}]})";

class FakeResolver : public ImageResolver {
 public:
  absl::StatusOr<ResolvedImage> Resolve(const Reference& reference, const Platform& platform) override {
    asked.push_back(absl::StrCat(reference.Familiar(), " ", platform.ToString()));
    if (reference.path == "library/gone") {
      return absl::UnavailableError(absl::StrCat(reference.ToString(), ": cannot connect"));
    }
    ResolvedImage image;
    image.reference = reference;
    image.config = kAlpine;
    if (reference.path == "library/onbuild") {
      image.config =
          R"({"architecture":"amd64","os":"linux","config":{"OnBuild":["RUN one","COPY --from=tool /a /a"]}})";
    }
    if (reference.tag == "latest" || reference.path == "library/gone") return image;
    return absl::NotFoundError(absl::StrCat(reference.ToString(), ": not found"));
  }
  std::vector<std::string> asked;
};

class EvaluateTest : public testing::Test {
 protected:
  EvaluateTest() { options.build_platform = options.target_platform = Platform{"linux", "amd64", ""}; }
  Plan Evaluated(absl::string_view source) {
    auto plan = Try(source);
    EXPECT_TRUE(plan.ok()) << plan.status() << "\n" << Rendered(source);
    return plan.ok() ? *std::move(plan) : Plan{{PlanStage()}, 0, {}};
  }
  std::string Error(absl::string_view source) { return Try(source).ok() ? "no error" : Rendered(source); }
  absl::StatusOr<Plan> Try(absl::string_view source) {
    diagnostics.clear();
    auto ast = ParseDockerfile("Dockerfile", source, &diagnostics);
    if (!ast.has_value()) return absl::InvalidArgumentError("does not parse");
    return Evaluate(*ast, options, &resolver, &diagnostics);
  }
  std::string Rendered(absl::string_view source) const {
    std::string out;
    for (const Diagnostic& d : diagnostics) out += Render(d, d.file.empty() ? "" : source, false);
    return out;
  }
  // The new history of the target, one entry a line; entries with a layer begin with '*'.
  static std::string History(const Plan& plan) {
    std::string out;
    for (const ImageSpec::History& h : Target(plan).image.history) {
      absl::StrAppend(&out, h.step < 0 ? "" : "*", h.created_by, "\n");
    }
    return out;
  }
  static const PlanStage& Target(const Plan& plan) { return plan.stages[static_cast<size_t>(plan.target)]; }
  static Json Config(const Plan& plan) { return JsonMember(Target(plan).image.config, "config"); }
  template <typename T>
  static T Step(const Plan& plan, size_t index) {
    const auto& steps = Target(plan).steps;
    if (index >= steps.size() || !std::holds_alternative<T>(steps[index].spec)) {
      ADD_FAILURE() << "no such step " << index;
      return T();
    }
    return std::get<T>(steps[index].spec);
  }

  PlanOptions options;
  FakeResolver resolver;
  std::vector<Diagnostic> diagnostics;
};

// What BuildKit 0.34.2 wrote for the same file.
TEST_F(EvaluateTest, HistoryAndConfigAsBuildKit) {
  const Plan plan = Evaluated(
      "ARG G=glob\n"
      "FROM alpine\n"
      "ARG G\n"
      "ARG A=\"x y\" B\n"
      "ENV Z=1 Y=\"two words\" PATH=$PATH:/foo\n"
      "ENV Z=3\n"
      "RUN env\n"
      "RUN [\"env\"]\n"
      "WORKDIR /a/b\n"
      "USER 1000:1000\n"
      "WORKDIR c\n"
      "COPY --chown=1:2 x.txt .\n"
      "LABEL a=b \"c d\"=\"e\\\"f\" f='g h'\n"
      "EXPOSE 8080 53/udp 2000-2002\n"
      "VOLUME /v1 /v2\n"
      "STOPSIGNAL SIGTERM\n"
      "MAINTAINER me <x@y>\n"
      "SHELL [\"/bin/sh\",\"-ec\"]\n"
      "CMD echo \"hi\"\n"
      "ENTRYPOINT [\"a b\", \"c\\\"d\"]\n"
      "HEALTHCHECK --interval=5s --retries=3 CMD echo hi\n"
      "ONBUILD RUN echo x\n");
  EXPECT_EQ(History(plan),
            "ARG G=glob\n"
            "ARG A=x y B\n"
            "ENV Z=1 Y=two words PATH=/bin:/foo\n"
            "ENV Z=3\n"
            "*RUN |3 G=glob A=x y B= /bin/sh -c env # buildkit\n"
            "*RUN |3 G=glob A=x y B= env # buildkit\n"
            "*WORKDIR /a/b\n"
            "USER 1000:1000\n"
            "*WORKDIR /a/b/c\n"
            "*COPY --chown=1:2 x.txt . # buildkit\n"
            "LABEL a=b c d=e\"f f=g h\n"
            "EXPOSE [2000/tcp 2001/tcp 2002/tcp 53/udp 8080/tcp]\n"
            "VOLUME [/v1 /v2]\n"
            "STOPSIGNAL SIGTERM\n"
            "MAINTAINER me <x@y>\n"
            "SHELL [/bin/sh -ec]\n"
            "CMD [\"/bin/sh\" \"-ec\" \"echo \\\"hi\\\"\"]\n"
            "ENTRYPOINT [\"a b\" \"c\\\"d\"]\n"
            "HEALTHCHECK {Test:[CMD-SHELL echo hi] Interval:5s Timeout:0s StartPeriod:0s StartInterval:0s "
            "Retries:3}\n");
  EXPECT_EQ(DumpJson(Target(plan).image.config),
            R"({"architecture":"amd64","author":"me <x@y>","config":{"User":"1000:1000","ExposedPorts":)"
            R"({"2000/tcp":{},"2001/tcp":{},"2002/tcp":{},"53/udp":{},"8080/tcp":{}},)"
            R"("Env":["PATH=/bin:/foo","LANG=C","Z=3","Y=two words"],"Entrypoint":["a b","c\"d"],)"
            R"("Cmd":["/bin/sh","-ec","echo \"hi\""],"Volumes":{"/v1":{},"/v2":{}},"WorkingDir":"/a/b/c",)"
            R"("Labels":{"a":"b","c d":"e\"f","f":"g h"},"StopSignal":"SIGTERM","ArgsEscaped":true,)"
            R"("Healthcheck":{"Test":["CMD-SHELL","echo hi"],"Interval":5000000000,"Retries":3},)"
            R"("OnBuild":["RUN echo x"],"Shell":["/bin/sh","-ec"]},)"
            R"("history":[{"created":"2025-01-01T00:00:00Z","created_by":"base"}],"os":"linux"})");
  const RunSpec run = Step<RunSpec>(plan, 1);
  EXPECT_EQ(absl::StrJoin(run.env, "|"), "LANG=C|G=glob|A=x y|Y=two words|PATH=/bin:/foo|Z=3");
  EXPECT_EQ(run.workdir, "/base");
  EXPECT_EQ(Step<WorkdirSpec>(plan, 2).user, "");
  EXPECT_EQ(Step<WorkdirSpec>(plan, 3).user, "1000:1000");
  EXPECT_EQ(Step<CopySpec>(plan, 4).destination, "/a/b/c/");
  EXPECT_EQ(Target(plan).image.steps, 5);
  EXPECT_TRUE(Target(plan).image.has_base);
}

TEST_F(EvaluateTest, FlagsOfCopy) {
  const Plan plan = Evaluated(
      "FROM alpine\n"
      "ARG X=7\n"
      "COPY --link --exclude=*.o --exclude=$X --chown=$X:1 --chmod=+x a/../b /./c /d/\n"
      "COPY --link --parents a/./b /x/../c <<EOF /d/\n"
      "$X \"q\"\n"
      "EOF\n");
  const CopySpec copy = Step<CopySpec>(plan, 0);
  EXPECT_EQ(absl::StrJoin(copy.sources, "|"), "b|c");
  EXPECT_EQ(absl::StrJoin(copy.excludes, "|"), "*.o|$X");
  EXPECT_EQ(copy.chown + " " + copy.chmod, "7:1 +x");
  EXPECT_FALSE(copy.link);  // not with --chmod
  const CopySpec parents = Step<CopySpec>(plan, 1);
  EXPECT_EQ(absl::StrJoin(parents.sources, "|"), "a/./b|/x/../c");
  EXPECT_TRUE(parents.link && parents.parents);
  EXPECT_EQ(parents.inline_files[0].second, "7 \"q\"\n");
}

TEST_F(EvaluateTest, FlagsOfAdd) {
  const Plan plan = Evaluated(
      "FROM alpine\n"
      "ADD a.tar /x\n"
      "ADD --unpack=false --chmod=600 a.tar /x\n"
      "ADD --unpack --link a.tar /x\n"
      "COPY a.tar /x\n");
  EXPECT_TRUE(Step<CopySpec>(plan, 0).unpack);
  EXPECT_FALSE(Step<CopySpec>(plan, 1).unpack);
  EXPECT_TRUE(Step<CopySpec>(plan, 2).unpack && Step<CopySpec>(plan, 2).link);
  EXPECT_FALSE(Step<CopySpec>(plan, 3).unpack);
  EXPECT_EQ(History(plan),
            "*ADD a.tar /x # buildkit\n"
            "*ADD --chmod=600 a.tar /x # buildkit\n"
            "*ADD a.tar /x # buildkit\n"
            "*COPY a.tar /x # buildkit\n");
}

TEST_F(EvaluateTest, WrongFlagsOfCopy) {
  EXPECT_EQ(Error("FROM alpine\nCOPY --link --chown=me a /b\n"),
            "Dockerfile:2:13: error: --chown=me: user and group names cannot be looked up with --link\n"
            "  COPY --link --chown=me a /b\n"
            "              ^~~~~~~~~~\n"
            "  help: use numbers: --chown=UID:GID\n");
  EXPECT_EQ(Error("FROM scratch\nCOPY --chown=me a /b\n"),
            "Dockerfile:2:6: error: --chown=me: user and group names cannot be looked up in an empty stage\n"
            "  COPY --chown=me a /b\n"
            "       ^~~~~~~~~~\n"
            "  help: use numbers: --chown=UID:GID\n");
  EXPECT_TRUE(Try("FROM scratch\nCOPY a /\nCOPY --chown=me a /b\n").ok());
  EXPECT_EQ(Error("FROM alpine\nCOPY <<EOF /b\none\n two ${x:?not there}\nEOF\n"),
            "Dockerfile:4:6: error: x: not there\n"
            "   two ${x:?not there}\n"
            "       ^\n");
}

TEST_F(EvaluateTest, OnlyReachedStagesAreResolved) {
  const Plan plan = Evaluated(
      "FROM alpine AS base\n"
      "RUN a\n"
      "FROM gone AS unused\n"
      "FROM base AS Build\n"
      "RUN b\n"
      "FROM scratch\n"
      "COPY --from=BUILD /x /x\n"
      "COPY --from=0 /y /y\n"
      "COPY --from=busybox /z /z\n"
      "COPY --from=busybox /w /w\n");
  ASSERT_EQ(plan.stages.size(), 4u);
  EXPECT_EQ(plan.stages[0].index, 4);  // the image, before those that copy from it
  EXPECT_EQ(plan.stages[0].id, "4");
  EXPECT_EQ(plan.stages[1].id, "base");
  EXPECT_EQ(plan.stages[2].id, "build");
  EXPECT_EQ(plan.stages[2].parent, 1);
  EXPECT_EQ(plan.stages[2].image.steps, 2);
  EXPECT_EQ(plan.stages[3].id, "3");
  EXPECT_FALSE(plan.stages[3].base.has_value());
  EXPECT_FALSE(plan.stages[3].image.has_base);
  EXPECT_EQ(plan.target, 3);
  std::vector<int> sources;
  for (const PlanStep& step : plan.stages[3].steps) sources.push_back(step.source_stage);
  EXPECT_EQ(sources, (std::vector<int>{2, 1, 0, 0}));
  EXPECT_EQ(Step<CopySpec>(plan, 0).from, "stage");
  EXPECT_EQ(resolver.asked,
            (std::vector<std::string>{"alpine:latest linux/amd64", "busybox:latest linux/amd64"}));
  EXPECT_EQ(
      DumpJson(Config(plan)),
      R"({"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"WorkingDir":"/"})");
}

TEST_F(EvaluateTest, TargetByNameAndIndex) {
  const std::string source = "FROM alpine AS a\nFROM alpine AS b\nARG TARGETSTAGE\n";
  options.target = "A";
  EXPECT_EQ(Target(Evaluated(source)).name, "a");
  options.target = "1";
  EXPECT_EQ(Target(Evaluated(source)).name, "b");
  options.target = "c1";
  EXPECT_EQ(Error(source),
            "error: there is no stage \"c1\" to build as the target\n  help: the stages are a b\n");
  options.target = "";
  EXPECT_EQ(History(Evaluated(source)), "ARG TARGETSTAGE=b\n");
}

TEST_F(EvaluateTest, ArgumentsAndEnvironment) {
  options.build_args = {{"B", "given"}, {"HTTP_PROXY", "http://p"}};
  const Plan plan = Evaluated(
      "ARG V=latest IMAGE=alpine:$V\n"
      "FROM $IMAGE\n"
      "ARG A=1\n"
      "ENV A=2\n"
      "ARG A=3\n"
      "ARG B=${A}x C=${B}y V http_proxy TARGETARCH\n"
      "ENV A=$A$A D=$A\n"
      "RUN x\n");
  EXPECT_EQ(
      History(plan),
      "ARG A=1\nENV A=2\nARG A=3\nARG B=given C=giveny V=latest http_proxy TARGETARCH=amd64\nENV A=33 D=3\n"
      "*RUN |6 A=33 B=given C=giveny V=latest http_proxy= TARGETARCH=amd64 /bin/sh -c x # buildkit\n");
  const RunSpec run = Step<RunSpec>(plan, 0);
  EXPECT_EQ(absl::StrJoin(run.env, "|"),
            "PATH=/bin|LANG=C|B=given|C=giveny|V=latest|TARGETARCH=amd64|A=33|D=3");
  EXPECT_EQ(absl::StrJoin(run.proxy_env, "|"), "HTTP_PROXY=http://p|http_proxy=http://p");
}

TEST_F(EvaluateTest, ParentsArgumentsComeBeforeTheImagesVariables) {
  const Plan plan = Evaluated("FROM alpine AS a\nENV E=1\nARG X=1\nFROM a\nARG Y=2\nRUN x\n");
  EXPECT_EQ(absl::StrJoin(Step<RunSpec>(plan, 0).env, "|"), "X=1|PATH=/bin|LANG=C|E=1|Y=2");
  EXPECT_EQ(History(plan), "ENV E=1\nARG X=1\nARG Y=2\n*RUN |2 X=1 Y=2 /bin/sh -c x # buildkit\n");
}

TEST_F(EvaluateTest, Epoch) {
  options.epoch = 7;
  Plan plan = Evaluated("ARG SOURCE_DATE_EPOCH=5\nFROM alpine\nARG SOURCE_DATE_EPOCH\nWORKDIR /w\n");
  EXPECT_EQ(Step<WorkdirSpec>(plan, 0).epoch, Epoch(7));
  EXPECT_EQ(History(plan), "ARG SOURCE_DATE_EPOCH=7\n*WORKDIR /w\n");
  options.build_args["SOURCE_DATE_EPOCH"] = "9";
  EXPECT_EQ(Target(Evaluated("FROM alpine\n")).image.epoch, Epoch(9));
  options.build_args["SOURCE_DATE_EPOCH"] = "";
  EXPECT_EQ(Target(Evaluated("FROM alpine\n")).image.epoch, Epoch());
  options.build_args["SOURCE_DATE_EPOCH"] = "soon";
  EXPECT_EQ(Error("FROM alpine\n"),
            "error: invalid SOURCE_DATE_EPOCH \"soon\"\n  help: it is a number of seconds since 1970, "
            "context, or the "
            "name of a context or stage\n");
  options.build_args.clear();
  options.epoch.reset();
  EXPECT_EQ(Target(Evaluated("ARG SOURCE_DATE_EPOCH=5\nFROM alpine\n")).image.epoch, Epoch(5));
}

TEST_F(EvaluateTest, Onbuild) {
  const Plan plan = Evaluated(
      "FROM alpine AS tool\n"
      "FROM onbuild AS a\n"
      "ONBUILD RUN two\n"
      "FROM a\n"
      "RUN three\n");
  EXPECT_EQ(History(plan),
            "*RUN /bin/sh -c one # buildkit\n*COPY /a /a # buildkit\n*RUN /bin/sh -c two # buildkit\n"
            "*RUN /bin/sh -c three # buildkit\n");
  EXPECT_TRUE(JsonStrings(Config(plan), "OnBuild").empty());
  EXPECT_EQ(plan.stages[1].steps[1].source_stage, 0);
  EXPECT_EQ(plan.stages[1].steps[0].range.line, 2);
  // Without a stage of that name, the trigger's --from is an image.
  EXPECT_EQ(Evaluated("FROM onbuild\n").stages.size(), 2u);
  EXPECT_EQ(resolver.asked.back(), "tool:latest linux/amd64");
}

TEST_F(EvaluateTest, Heredocs) {
  const Plan plan = Evaluated(
      "FROM alpine\n"
      "ENV V=1\n"
      "RUN <<-E\n\techo $V\n\tE\n"
      "RUN <<E\n#!/bin/sh\nE\n"
      "RUN cat <<A\n$V\nA\n"
      "COPY <<E <<'F' x /d/\n\"$V\"\nE\n$V\nF\n");
  EXPECT_EQ(Step<RunSpec>(plan, 0).argv.back(), "echo $V\n");
  EXPECT_EQ(Step<RunSpec>(plan, 1).argv.back(), "/dev/pipes/E");
  EXPECT_EQ(Step<RunSpec>(plan, 1).inline_files[0].second, "#!/bin/sh\n");
  EXPECT_EQ(Step<RunSpec>(plan, 2).argv.back(), "cat <<A\n$V\nA");
  const CopySpec copy = Step<CopySpec>(plan, 3);
  EXPECT_EQ(copy.inline_files[0].second, "\"1\"\n");
  EXPECT_EQ(copy.inline_files[1].second, "$V\n");
  EXPECT_EQ(Target(plan).image.history.back().created_by, "COPY x <<E <<F /d/ # buildkit");
}

TEST_F(EvaluateTest, PathsOfWorkdirAndCopy) {
  const Plan plan = Evaluated(
      "FROM alpine\n"
      "WORKDIR /x/../y/\n"
      "WORKDIR z\n"
      "WORKDIR /\n"
      "COPY /../a/ ./b/ . c/.\n"
      "COPY a \"\"\n"
      "COPY --chmod=0755 [\"a b\", \"/c d/\"]\n");
  EXPECT_EQ(
      History(plan),
      "*WORKDIR /x/../y/\n*WORKDIR /y/z\nWORKDIR /\n*COPY /../a/ ./b/ . c/. # buildkit\n*COPY a  # buildkit\n"
      "*COPY --chmod=0755 a b /c d/ # buildkit\n");
  EXPECT_EQ(Step<WorkdirSpec>(plan, 0).path, "/y");
  EXPECT_EQ(absl::StrJoin(Step<CopySpec>(plan, 2).sources, "|"), "a|b|.");
  EXPECT_EQ(Step<CopySpec>(plan, 2).destination, "/c/.");
  EXPECT_EQ(Step<CopySpec>(plan, 3).destination, "/");
  EXPECT_EQ(Step<CopySpec>(plan, 4).destination, "/c d/");
}

TEST_F(EvaluateTest, CmdAndEntrypoint) {
  EXPECT_EQ(DumpJson(JsonMember(Config(Evaluated("FROM alpine\nENTRYPOINT [\"e\"]\n")), "Cmd")), "null");
  EXPECT_EQ(JsonStrings(Config(Evaluated("FROM alpine\nCMD [\"c\"]\nENTRYPOINT [\"e\"]\n")), "Cmd").size(),
            1u);
}

TEST_F(EvaluateTest, OptionsOfTheCommandLine) {
  options.labels = {{"a", "2"}, {"b", "3"}};
  options.tags = {"docker.io/library/app:latest"};
  options.network = "host";
  options.add_hosts = {"h:1.2.3.4"};
  const Plan plan =
      Evaluated("FROM alpine\nLABEL a=1\nRUN x\nRUN --network=none y\nRUN --network=default z\n");
  EXPECT_EQ(DumpJson(JsonMember(Config(plan), "Labels")), R"({"a":"2","b":"3"})");
  EXPECT_EQ(Target(plan).image.names[0], "docker.io/library/app:latest");
  EXPECT_EQ(Step<RunSpec>(plan, 0).network, "host");
  EXPECT_EQ(Step<RunSpec>(plan, 1).network, "none");
  EXPECT_EQ(Step<RunSpec>(plan, 2).network, "host");
  EXPECT_EQ(Step<RunSpec>(plan, 0).add_hosts[0], "h:1.2.3.4");
  options.platform_given = true;
  options.target_platform = {"linux", "arm64", ""};
  EXPECT_EQ(Target(Evaluated("FROM alpine\n")).image.platform, "linux/arm64");
  EXPECT_EQ(resolver.asked.back(), "alpine:latest linux/arm64");
  Evaluated("FROM --platform=$BUILDPLATFORM alpine\n");
  EXPECT_EQ(resolver.asked.back(), "alpine:latest linux/amd64");
}

TEST_F(EvaluateTest, UnusedBuildArguments) {
  options.build_args = {
      {"FOOO", "1"}, {"HTTPS_PROXY", "x"}, {"BUILDKIT_INLINE_CACHE", "1"}, {"TARGETARCH", "x"}};
  const Plan plan = Evaluated("FROM alpine\nARG FOO\n");
  ASSERT_EQ(plan.warnings.size(), 1u);
  EXPECT_EQ(Render(plan.warnings[0], "", false),
            "warning: one or more build-args were not consumed: FOOO [UnusedBuildArg]\n  help: did you mean "
            "FOO?\n");
}

TEST_F(EvaluateTest, Errors) {
  EXPECT_EQ(Error("FROM alpine AS build\nFROM alpine\nCOPY --from=biuld:1 /a /b\n"),
            "Dockerfile:3:6: error: docker.io/library/biuld:1: not found\n  COPY --from=biuld:1 /a /b\n"
            "       ^~~~~~~~~~~~~~\n  help: no stage has this name, so it was looked up as an image\n");
  EXPECT_EQ(
      Error("FROM gone\n"),
      "Dockerfile:1:6: error: docker.io/library/gone:latest: cannot connect\n  FROM gone\n       ^~~~\n");
  EXPECT_EQ(Try("FROM gone\n").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Error("FROM alpine\nCOPY --frm=x a b\n"),
            "Dockerfile:2:6: error: unknown flag --frm of COPY\n  COPY --frm=x a b\n       ^~~~~~~\n"
            "  help: did you mean --from?\n");
  EXPECT_EQ(Error("FROM alpine\nRUN --mount=type=cache,target=/c x\n"), "no error");
  EXPECT_EQ(Error("FROM alpine\nRUN --mount=type=cache,tagret=/c x\n"),
            "Dockerfile:2:24: error: unexpected key \"tagret\" in \"tagret=/c\"\n"
            "  RUN --mount=type=cache,tagret=/c x\n                         ^~~~~~~~~\n"
            "  help: did you mean target?\n");
  EXPECT_EQ(Error("FROM alpine\nENV A=1 \\\n  B=x${A\n"),
            "Dockerfile:3:6: error: missing '}'\n    B=x${A\n       ^~~\n");
  for (absl::string_view bad : {"9", "17777", "u+q", "u", ",", "a+x,", "0x1"}) {
    EXPECT_FALSE(Try(absl::StrCat("FROM alpine\nCOPY --chmod=", bad, " a b\n")).ok()) << bad;
  }
  for (absl::string_view good : {"0", "007777", "u=rwX,go=rX", "+x", "a-w", "g=u+x"}) {
    EXPECT_TRUE(Try(absl::StrCat("FROM alpine\nCOPY --chmod=", good, " a b\n")).ok()) << good;
  }
  EXPECT_EQ(Error("# syntax=foo/bar:1\nFROM alpine\n"),
            "Dockerfile:1:10: error: the frontend foo/bar:1 is not supported\n  # syntax=foo/bar:1\n         "
            "  ^~~~~~~~~\n"
            "  help: only docker/dockerfile is built in\n");
  EXPECT_EQ(Error("FROM alpine AS a\nCOPY --from=b x y\nFROM alpine AS b\nFROM a\n"),
            "Dockerfile:2:6: error: the stage to copy from stands below this one\n  COPY --from=b x y\n"
            "       ^~~~~~~~\n  help: move it above this stage\n");
  EXPECT_EQ(Error("ARG VERSION=1\nFROM alpine:$VERSIN\n").substr(0, 16), "Dockerfile:2:6: ");
  // Not needed by the target: not evaluated, but checked.
  EXPECT_TRUE(Try("FROM alpine\nADD a b\nFROM alpine\n").ok());
  EXPECT_FALSE(Try("FROM alpine\nCOPY a\nFROM alpine\n").ok());
}

TEST_F(EvaluateTest, DumpIsStable) {
  const Plan plan = Evaluated("FROM scratch AS a\nCOPY x /\nFROM scratch\nCOPY --from=a /x /y\n");
  Json dump = DumpPlan(plan);
  for (Json& stage : dump["stages"]) stage.erase("image");
  EXPECT_EQ(
      DumpJson(dump),
      R"({"target":1,"stages":[{"index":0,"name":"a","id":"a","range":[1,1,1,18],"steps":[{"kind":"copy",)"
      R"("text":"COPY x /","range":[2,1,2,9],"spec":{"format":1,"kind":"copy","sources":["x"],)"
      R"("destination":"/"}}]},{"index":1,"id":"1","range":[3,1,3,13],"steps":[{"kind":"copy",)"
      R"("text":"COPY --from=a /x /y","range":[4,1,4,20],"source_stage":0,"spec":{"format":1,"kind":"copy",)"
      R"("sources":["x"],"destination":"/y","from":"stage"}}]}]})");
}

class ContextTest : public EvaluateTest {
 protected:
  void Directory(const std::string& name) {
    PlanContext& context = options.contexts[name];
    context.copy.from = absl::StrCat("context:", name);
    context.copy.sources = {"."};
    context.copy.destination = "/";
  }
  void Files(const std::string& name) {
    PlanContext& context = options.contexts[name];
    context.kind = PlanContext::Kind::kFiles;
    HttpSpec file;
    file.url = "http://example.com/x";
    file.name = "context";
    context.copy.sources = {"context"};
    context.copy.remotes = {0};
    context.copy.destination = "/context";
    context.remotes = {{file, "", {}, ""}};
  }
  void Value(const std::string& name, PlanContext::Kind kind, const std::string& value) {
    options.contexts[name] = {kind, value, {}, {}};
  }
};

TEST_F(ContextTest, CopyFromADirectoryReadsItDirectly) {
  Directory("lib");
  const Plan plan =
      Evaluated("FROM scratch\nCOPY --from=lib a /\nCOPY --from=docker.io/library/lib:latest b /\n");
  EXPECT_EQ(plan.stages.size(), 1u);
  EXPECT_EQ(Step<CopySpec>(plan, 0).from, "context:lib");
  EXPECT_EQ(Step<CopySpec>(plan, 1).from, "context:lib");
  EXPECT_TRUE(resolver.asked.empty());
}

TEST_F(ContextTest, FromADirectoryIsAStageWithOneStep) {
  Directory("lib");
  const Plan plan = Evaluated("FROM lib\nCOPY f /\n");
  ASSERT_EQ(plan.stages.size(), 2u);
  EXPECT_EQ(plan.stages[0].id, "context.lib");
  ASSERT_EQ(plan.stages[0].steps.size(), 1u);
  EXPECT_EQ(std::get<CopySpec>(plan.stages[0].steps[0].spec).from, "context:lib");
  EXPECT_EQ(plan.stages[1].parent, 0);
  EXPECT_EQ(Target(plan).image.steps, 2);
  EXPECT_EQ(History(plan), "*COPY f / # buildkit\n");
  EXPECT_EQ(Target(plan).image.history[0].step, 1);
}

TEST_F(ContextTest, AStageOfItsNameIsReplaced) {
  Directory("build");
  const Plan plan =
      Evaluated("FROM gone AS Build\nRUN false\nFROM scratch\nCOPY --from=0 f /\nCOPY --from=build g /\n");
  ASSERT_EQ(plan.stages.size(), 3u);
  EXPECT_TRUE(plan.stages[1].steps.empty());
  EXPECT_EQ(plan.stages[1].parent, 0);
  EXPECT_EQ(Target(plan).steps[0].source_stage, 1);
  EXPECT_EQ(Target(plan).steps[1].source_stage, 1);
}

TEST_F(ContextTest, ANameMayBeForOnePlatform) {
  Directory("lib");
  Directory("lib::linux/amd64");
  Directory("base::linux/arm64");
  Value("base::linux/amd64", PlanContext::Kind::kImage, "scratch");
  const Plan plan =
      Evaluated("FROM --platform=linux/arm64 base AS a\nFROM base\nCOPY --from=lib f /\nCOPY --from=a g /\n");
  ASSERT_EQ(plan.stages.size(), 3u);
  EXPECT_EQ(std::get<CopySpec>(plan.stages[0].steps[0].spec).from, "context:base::linux/arm64");
  EXPECT_EQ(plan.stages[1].parent, 0);
  EXPECT_EQ(Target(plan).parent, -1);
  EXPECT_EQ(Step<CopySpec>(plan, 0).from, "context:lib::linux/amd64");
  options.target_platform = Platform{"linux", "arm", "v7"};
  EXPECT_EQ(Step<CopySpec>(Evaluated("FROM scratch\nCOPY --from=lib f /\n"), 0).from, "context:lib");
}

TEST_F(ContextTest, ImagesStandForImages) {
  Value("name", PlanContext::Kind::kImage, "alpine");
  Value("empty", PlanContext::Kind::kImage, "scratch");
  const Plan plan = Evaluated("FROM name AS a\nFROM empty\nCOPY --from=a x /\nCOPY --from=name y /\n");
  EXPECT_EQ(absl::StrJoin(resolver.asked, ","), "alpine:latest linux/amd64,alpine:latest linux/amd64");
  EXPECT_FALSE(Target(plan).image.has_base);
}

TEST_F(ContextTest, StagesStandForNames) {
  Value("name", PlanContext::Kind::kStage, "b");
  const Plan plan = Evaluated(
      "FROM scratch AS a\nCOPY a /\nFROM scratch AS b\nCOPY b /\nFROM name\nCOPY --from=name b /c\n");
  EXPECT_EQ(plan.stages.size(), 2u);
  EXPECT_EQ(Target(plan).parent, 0);
  EXPECT_EQ(Target(plan).steps[0].source_stage, 0);
  EXPECT_EQ(
      Error("FROM name\nFROM scratch AS b\n"),
      "Dockerfile:1:6: error: the context name is to be the stage \"b\", but no stage above has this name\n"
      "  FROM name\n       ^~~~\n");
}

TEST_F(ContextTest, ScratchAndContextKeepTheirMeaning) {
  Directory("scratch");
  Directory("context");
  const Plan plan = Evaluated("FROM scratch\nCOPY f /\n");
  EXPECT_EQ(plan.stages.size(), 1u);
  EXPECT_EQ(Step<CopySpec>(plan, 0).from, "context");
}

TEST_F(ContextTest, AMainContextOfFilesIsAStage) {
  Files("");
  const Plan plan = Evaluated(
      "FROM scratch\nCOPY a /\nCOPY <<E /e\nx\nE\nADD http://example.com/y b /\nADD http://example.com/y "
      "/\n");
  ASSERT_EQ(plan.stages.size(), 2u);
  EXPECT_TRUE(plan.stages[0].main_context);
  EXPECT_EQ(plan.stages[0].id, "context");
  EXPECT_EQ(plan.stages[0].steps[0].remotes.size(), 1u);
  EXPECT_EQ(Step<CopySpec>(plan, 0).from, "stage");
  EXPECT_EQ(Target(plan).steps[0].source_stage, 0);
  EXPECT_EQ(Target(plan).steps[1].source_stage, -1);
  EXPECT_EQ(Target(plan).steps[2].source_stage, 0);
  EXPECT_EQ(Target(plan).steps[3].source_stage, -1);
  EXPECT_EQ(Step<CopySpec>(plan, 3).from, "context");
}

TEST_F(ContextTest, TheEpochMayBeAStages) {
  std::string asked;
  options.time_of = [&](const PlanContext& context, Epoch* time, std::string*) {
    const auto* http = std::get_if<HttpSpec>(&context.remotes[0].spec);
    absl::StrAppend(&asked, http != nullptr ? http->url : std::get<GitSpec>(context.remotes[0].spec).remote,
                    " ");
    *time = 5;
    return true;
  };
  options.build_args["SOURCE_DATE_EPOCH"] = "src";
  const std::string source =
      "ARG HOST=a.b\nFROM scratch AS Src\nARG V=1\nADD http://$HOST/f-$V.tar /\nFROM scratch\n"
      "ARG SOURCE_DATE_EPOCH\nWORKDIR /w\n";
  const Plan plan = Evaluated(source);
  EXPECT_EQ(Target(plan).image.epoch, Epoch(5));
  EXPECT_EQ(plan.stages.size(), 1u);
  EXPECT_EQ(History(plan), "ARG SOURCE_DATE_EPOCH=5\n*WORKDIR /w\n");
  Evaluated("FROM scratch AS src\nADD https://a.b/r.git#v1 /\nFROM scratch\n");
  options.build_args["SOURCE_DATE_EPOCH"] = "lib";
  Files("lib");
  EXPECT_EQ(Target(Evaluated("FROM scratch\n")).image.epoch, Epoch(5));
  Directory("lib");
  options.contexts["lib"].kind = PlanContext::Kind::kDirectory;
  EXPECT_EQ(Target(Evaluated("FROM scratch\n")).image.epoch, Epoch());
  EXPECT_EQ(asked, "http://a.b/f-1.tar https://a.b/r.git http://example.com/x ");
}

TEST_F(ContextTest, AStageThatHasNoTime) {
  options.build_args["SOURCE_DATE_EPOCH"] = "src";
  const std::string rest = "FROM scratch\n";
  for (const auto& [stage, message] : std::map<std::string, std::string>{
           {"FROM alpine AS src\n", "it must be FROM scratch"},
           {"FROM scratch AS src\n", "it must ADD a URL or a repository"},
           {"FROM scratch AS src\nCOPY a /\n", "it may hold ARG and ADD alone"},
           {"FROM scratch AS src\nADD a /\n", "its source is no URL and no repository"},
           {"FROM scratch AS src\nADD http://a/b http://a/c /\n", "its ADD has not one source"},
           {"FROM scratch AS src\nADD http://a/b /\nADD http://a/b /\n", "one ADD is enough"}}) {
    EXPECT_NE(Error(stage + rest).find(message), std::string::npos) << Error(stage + rest);
  }
}

TEST_F(ContextTest, TheEpochMayBeTheContexts) {
  options.build_args["SOURCE_DATE_EPOCH"] = "context";
  const std::string source = "FROM scratch\nARG SOURCE_DATE_EPOCH\nWORKDIR /$SOURCE_DATE_EPOCH\n";
  EXPECT_EQ(History(Evaluated(source)), "ARG SOURCE_DATE_EPOCH\nWORKDIR /\n");
  options.context_time = 5;
  const Plan plan = Evaluated(source);
  EXPECT_EQ(History(plan), "ARG SOURCE_DATE_EPOCH=5\n*WORKDIR /5\n");
  EXPECT_EQ(Target(plan).image.epoch, Epoch(5));
}

TEST_F(EvaluateTest, ARunNeedsAMachineThatRunsIt) {
  options.can_run = [](const Platform& platform) { return platform.architecture != "arm64"; };
  options.target_platform.architecture = "arm64";
  options.platform_given = options.one_of_many = true;
  const Plan plan = Evaluated(
      "FROM --platform=$BUILDPLATFORM alpine AS b\nRUN true\nFROM scratch\nCOPY --from=b /x /\nWORKDIR /w\n");
  EXPECT_EQ(plan.stages[0].id, "linux-arm64/b");
  EXPECT_TRUE(Target(plan).image.part);
  EXPECT_EQ(JsonString(Target(plan).image.config, "architecture"), "arm64");
  EXPECT_EQ(Error("FROM scratch\nRUN [\"x\"]\n").substr(0, 85),
            "Dockerfile:2:1: error: this machine (linux/amd64) cannot run programs of linux/arm64\n");
  Evaluated("FROM alpine\nRUN true\n");  // what the image says of itself counts
}

}  // namespace
}  // namespace kasane
