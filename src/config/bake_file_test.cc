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
  Workspace workspace;
  std::vector<Diagnostic> diagnostics;
  EXPECT_FALSE(ReadBakeFile(text, "bake.json", Environment, &workspace, &diagnostics));
  return diagnostics.empty() ? "" : Render(diagnostics.back(), "", false);
}

constexpr char kBake[] = R"({
  "variable": {"TAG": {"default": "1"}, "GIVEN": {"default": "no"}},
  "group": {"default": {"targets": ["app", "db"]}},
  "target": {
    "_common": {"args": {"A": "1", "GIVEN": null, "UNSET": null}, "cache-to": ["type=inline"]},
    "app": {"inherits": ["_common"], "context": "app", "tags": ["app:${TAG}-${GIVEN}"], "args": {"A": "2"},
            "contexts": {"base": "target:db-8"}, "secret": [{"id": "t", "env": "T"}], "no-cache": false},
    "db": {"matrix": {"v": ["8", "9"]}, "name": "db-${v}", "target": "v${v}",
           "dockerfile-inline": "FROM scratch\n"}}})";

TEST(BakeFileTest, TargetsGroupsVariablesAndMatrix) {
  Workspace workspace;
  std::vector<Diagnostic> diagnostics;
  ASSERT_TRUE(ReadBakeFile(kBake, "bake.json", Environment, &workspace, &diagnostics));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(Render(diagnostics[0], "", false),
            "bake.json:5:67: warning: \"cache-to\" of target _common means nothing here: results are in the "
            "store, ninja has targets for outputs\n");
  ASSERT_EQ(workspace.images.size(), 3u);
  EXPECT_THAT(workspace.Find("app")->words, IsSupersetOf({"--tag=app:1-env", "--build-arg=A=2",
                                                          "--build-arg=GIVEN=env", "--secret=id=t,env=T"}));
  EXPECT_EQ(workspace.Find("app")->range.line, 6);
  EXPECT_THAT(workspace.Find("db-9")->words, ElementsAre("--target=v9", "--", "."));
  EXPECT_EQ(workspace.Find("db-9")->inline_dockerfile, "FROM scratch\n");
  ASSERT_EQ(workspace.groups.size(), 2u);
  EXPECT_THAT(workspace.groups[1].members, ElementsAre("app", "db-8", "db-9"));
}

TEST(BakeFileTest, MistakesHaveAPlace) {
  EXPECT_EQ(Error(R"({"function": {}})"), "bake.json:1:2: error: \"function\" is not supported here\n");
  EXPECT_EQ(Error("{\"target\": {\n\"a\": {\n\"frobnicate\": \"x\"}}}"),
            "bake.json:3:1: error: \"frobnicate\" of target a is not supported\n");
  EXPECT_EQ(Error(R"({"target": {"a": {"tags": "x"}}})"),
            "bake.json:1:27: error: \"tags\" of target a is a list\n");
  // A context that is a matrix stands for no single image; a variable that is nobody's: what was inherited
  // has the place of its heir.
  std::string text = kBake;
  text.replace(text.find("target:db-8"), 11, "target:db");
  EXPECT_EQ(Error(text), "bake.json:6:5: error: there is no image `db`\n");
  text.replace(text.find("${TAG}"), 6, "${GAT}");
  EXPECT_EQ(Error(text),
            "bake.json:6:5: error: there is no variable `GAT`\n  help: define it in [variables]\n");
}

}  // namespace
}  // namespace kasane
