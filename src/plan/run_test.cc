// RUN's flags, as they come to stand in specs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/dockerfile/parser.h"
#include "src/plan/evaluate.h"

namespace kasane {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Images : public ImageResolver {
 public:
  absl::StatusOr<ResolvedImage> Resolve(const Reference& reference, const Platform&) override {
    ResolvedImage image;
    image.reference = reference;
    image.config = R"({"architecture":"amd64","os":"linux","config":{"WorkingDir":"/w"}})";
    return image;
  }
};

class RunFlagsTest : public testing::Test {
 protected:
  RunFlagsTest() { options_.build_platform = options_.target_platform = Platform{"linux", "amd64", ""}; }

  Plan Evaluated(absl::string_view source) {
    diagnostics_.clear();
    auto ast = ParseDockerfile("Dockerfile", source, &diagnostics_);
    EXPECT_TRUE(ast.has_value());
    auto plan = Evaluate(*ast, options_, &images_, &diagnostics_);
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.ok() ? *std::move(plan) : Plan{{PlanStage()}, 0, {}};
  }
  // Of "RUN FLAGS true" on an image.
  std::string Error(absl::string_view flags) {
    const std::string source = absl::StrCat("FROM alpine AS a\nRUN ", flags, " true\n");
    diagnostics_.clear();
    auto ast = ParseDockerfile("Dockerfile", source, &diagnostics_);
    EXPECT_TRUE(ast.has_value());
    if (Evaluate(*ast, options_, &images_, &diagnostics_).ok()) return "no error";
    return absl::StrCat(diagnostics_.back().message, " at ", diagnostics_.back().range.column);
  }
  RunSpec Run(absl::string_view flags) {
    plan_ = Evaluated(absl::StrCat("FROM alpine\nENV V=v\nRUN ", flags, " true\n"));
    return std::get<RunSpec>(plan_.stages[static_cast<size_t>(plan_.target)].steps.at(0).spec);
  }
  MountSpec Mount(absl::string_view fields) { return Run(absl::StrCat("--mount=", fields)).mounts.at(0); }

  PlanOptions options_;
  Images images_;
  std::vector<Diagnostic> diagnostics_;
  Plan plan_;
};

TEST_F(RunFlagsTest, BindMounts) {
  MountSpec mount = Mount("target=rel/,source=../../a/../b");
  EXPECT_EQ(mount.target, "/w/rel");
  EXPECT_EQ(mount.source, "b");
  EXPECT_EQ(mount.from, "context");
  EXPECT_TRUE(mount.read_only);
  EXPECT_FALSE(Mount("target=/$V,rw").read_only);
  EXPECT_EQ(Mount("target=/$V,rw").target, "/v");
  EXPECT_EQ(Mount("source=x").target, "/w");

  const Plan plan = Evaluated(
      "FROM alpine AS One\nRUN true\nFROM alpine\n"
      "RUN --mount=target=/c --mount=from=ONE,target=/a --mount=from=busybox,target=/b true\n");
  const PlanStep& step = plan.stages[static_cast<size_t>(plan.target)].steps[0];
  ASSERT_EQ(step.mount_stages.size(), 2u);
  EXPECT_EQ(step.mount_stages[0].first, 1);
  EXPECT_EQ(plan.stages[static_cast<size_t>(step.mount_stages[0].second)].name, "one");
  EXPECT_EQ(plan.stages[static_cast<size_t>(step.mount_stages[1].second)].base->reference.Familiar(),
            "busybox:latest");
  EXPECT_EQ(step.source_ranges.size(), 3u);
}

TEST_F(RunFlagsTest, Caches) {
  MountSpec mount = Mount("type=cache,target=/c/");
  EXPECT_EQ(mount.target, "/c");
  EXPECT_EQ(mount.id, "/c");
  EXPECT_EQ(mount.sharing, "shared");
  EXPECT_EQ(mount.from, "");
  EXPECT_FALSE(mount.read_only);
  EXPECT_EQ(Mount("type=cache,target=c").id, "c");
  EXPECT_EQ(Mount("type=cache,target=/c,from=scratch").from, "");
  EXPECT_EQ(Mount("type=cache,target=/c,from=alpine").from, "stage");
  options_.build_args["BUILDKIT_CACHE_MOUNT_NS"] = "team";
  EXPECT_EQ(Mount("type=cache,target=/c,id=x").id, "team/x");
}

TEST_F(RunFlagsTest, ACacheIsNeededIfALaterRunMountsIt) {
  const Plan plan = Evaluated(
      "FROM alpine AS a\nRUN --mount=type=cache,target=/c --mount=type=cache,target=/d true\n"
      "RUN --mount=type=cache,target=/d true\nFROM alpine\nRUN --mount=type=cache,id=/c,target=/x true\n"
      "COPY --from=a / /\n");
  std::vector<bool> needed;
  for (const PlanStage& stage : plan.stages) {
    for (const PlanStep& step : stage.steps) {
      const auto* run = std::get_if<RunSpec>(&step.spec);
      if (run == nullptr) continue;
      for (const MountSpec& mount : run->mounts) needed.push_back(mount.needed);
    }
  }
  EXPECT_THAT(needed, ElementsAre(true, true, false, false));
}

TEST_F(RunFlagsTest, SecretsAndAgents) {
  MountSpec mount = Mount("type=secret,id=dir/token");
  EXPECT_EQ(mount.id, "dir/token");
  EXPECT_EQ(mount.target, "/run/secrets/token");
  EXPECT_EQ(Mount("type=secret,target=/etc/key").id, "key");
  EXPECT_EQ(Mount("type=secret,source=s").id, "s");
  EXPECT_EQ(Mount("type=secret,id=a,env=E").target, "");
  EXPECT_EQ(Mount("type=secret,id=a,env=E,target=t").target, "/w/t");

  RunSpec run = Run("--mount=type=ssh --mount=type=ssh,id=b,target=/s");
  EXPECT_EQ(run.mounts[0].id, "default");
  EXPECT_EQ(run.mounts[0].target, "/run/buildkit/ssh_agent.0");
  EXPECT_EQ(run.env.back(), "SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0");
  EXPECT_THAT(Run("--mount=type=tmpfs,target=/t,size=1m").mounts.at(0).size, 1 << 20);
}

TEST_F(RunFlagsTest, WhatReachesOutMustBeAllowed) {
  EXPECT_EQ(Error("--security=insecure"), "security.insecure is not allowed at 5");
  EXPECT_EQ(Error("--network=host"), "network.host is not allowed at 5");
  options_.allow = {"security.insecure", "network.host"};
  EXPECT_EQ(Run("--security=insecure").security, "insecure");
  EXPECT_EQ(Run("--network=host").network, "host");
  options_.allow.clear();
  options_.network = "host";
  EXPECT_EQ(Run("--network=host").network, "host");
  EXPECT_EQ(Run("--network=default").network, "host");
}

TEST_F(RunFlagsTest, Devices) {
  const RunSpec run = Run("--device=vendor.com/gpu=0 --device=name=x,required");
  ASSERT_EQ(run.devices.size(), 2u);
  EXPECT_EQ(run.devices[0].name, "vendor.com/gpu=0");
  EXPECT_TRUE(run.devices[1].required);
}

TEST_F(RunFlagsTest, Errors) {
  EXPECT_EQ(Error("--mount=target=/"), "nothing can be mounted on / at 13");
  EXPECT_EQ(Error("--mount=from=a,target=/x"), "a stage cannot mount itself at 13");
  EXPECT_EQ(Error("--mount=from=$V,target=/x"), "variables are not expanded in from at 13");
  EXPECT_EQ(Error("--mount=type=ssh,source=x"), "an ssh mount has no source at 22");
  EXPECT_EQ(Error("--mount=type=tmpfs,source=x,target=/a"), "a tmpfs mount has no source: it is empty at 24");
  EXPECT_THAT(Error("--mount=target=/${a"), HasSubstr("at 21"));
}

}  // namespace
}  // namespace kasane
