#include "src/config/bake_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/config/workspace_file.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

absl::optional<std::string> Environment(const std::string& name) {
  return name == "GIVEN" ? absl::optional<std::string>("env") : absl::nullopt;
}

std::string Error(const std::string& text) {
  std::vector<std::string> warnings;
  return std::string(WorkspaceOfBakeFile(text, Environment, &warnings).status().message());
}

TEST(BakeFileTest, TargetsGroupsVariablesAndMatrix) {
  std::vector<std::string> warnings;
  const auto toml = WorkspaceOfBakeFile(R"({
    "variable": {"TAG": {"default": "1"}, "GIVEN": {"default": "no"}},
    "group": {"default": {"targets": ["app", "db"]}},
    "target": {
      "_common": {"args": {"A": "1", "GIVEN": null, "UNSET": null}, "cache-to": ["type=inline"]},
      "app": {"inherits": ["_common"], "context": "app", "tags": ["app:${TAG}-${GIVEN}"], "args": {"A": "2"},
              "contexts": {"base": "target:db"}, "secret": [{"id": "t", "env": "T"}], "no-cache": false},
      "db": {"matrix": {"v": ["8", "9"]}, "name": "db-${v}", "target": "v${v}"}}})",
                                        Environment, &warnings);
  ASSERT_TRUE(toml.ok()) << toml.status();
  EXPECT_EQ(warnings.size(), 1u);
  Workspace workspace;
  std::vector<Diagnostic> diagnostics;
  // A context that is a matrix stands for no single image.
  ASSERT_FALSE(ParseWorkspace(*toml, "docker-bake.json", &workspace, &diagnostics));
  EXPECT_EQ(diagnostics[0].message, "there is no image `db`");

  std::string fixed = *toml;
  fixed.replace(fixed.find("image:db"), 8, "image:db-8");
  workspace = Workspace();
  ASSERT_TRUE(ParseWorkspace(fixed, "docker-bake.json", &workspace, &diagnostics));
  ASSERT_EQ(workspace.images.size(), 3u);
  EXPECT_THAT(workspace.Find("app")->words, IsSupersetOf({"--tag=app:1-env", "--build-arg=A=2",
                                                          "--build-arg=GIVEN=env", "--secret=id=t,env=T"}));
  EXPECT_THAT(workspace.Find("db-9")->words, ElementsAre("--target=v9", "--", "."));
  ASSERT_EQ(workspace.groups.size(), 2u);
  EXPECT_THAT(workspace.groups[1].members, ElementsAre("app", "db-8", "db-9"));
}

TEST(BakeFileTest, WhatIsNotSupportedIsNamed) {
  EXPECT_EQ(Error(R"({"function": {}})"), "\"function\" is not supported here");
  EXPECT_EQ(Error(R"({"target": {"a": {"dockerfile-inline": "FROM x"}}})"),
            "\"dockerfile-inline\" of target a is not supported");
  EXPECT_EQ(Error(R"({"target": {"a": {"tags": "x"}}})"), "\"tags\" of target a is a list");
}

}  // namespace
}  // namespace kasane
