#include "src/config/workspace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Workspace Parse(const std::string& text) {
  Workspace workspace;
  std::vector<Diagnostic> diagnostics;
  EXPECT_TRUE(ParseWorkspace(text, "kasane.toml", &workspace, &diagnostics))
      << (diagnostics.empty() ? "" : diagnostics[0].message);
  return workspace;
}

std::string Error(const std::string& text) {
  Workspace workspace;
  std::vector<Diagnostic> diagnostics;
  if (ParseWorkspace(text, "kasane.toml", &workspace, &diagnostics)) {
    Diagnostic error;
    EXPECT_FALSE(SortByBases("kasane.toml", &workspace, &error));
    diagnostics.push_back(error);
  }
  return Render(diagnostics.at(0), text, false);
}

TEST(WorkspaceFileTest, ImagesAreWordsForGen) {
  const Workspace w = Parse(
      "[variables]\nV = \"1.0\"\n[defaults]\nnetwork = \"host\"\nargs = { A = \"1\", B = \"2\" }\n"
      "[template.service]\nlabels = { team = \"x\" }\ncontext = \"elsewhere\"\n"
      "[image.app]\ninherits = [\"service\"]\ncontext = \"app\"\ntags = [\"app:${V}\"]\nargs = { B = \"3\" "
      "}\n"
      "contexts = { bin = \"out\", base = \"image:base\" }\ngenerated = [\"out/server\"]\n"
      "options = [\"--no-warm\"]\n[image.base]\n");
  ASSERT_EQ(w.images.size(), 2u);
  EXPECT_EQ(w.images[0].name, "app");
  EXPECT_THAT(w.images[0].words, ElementsAre("--tag=app:1.0", "--generated=out/server",
                                             "--build-context=bin=out", "--network=host", "--build-arg=A=1",
                                             "--build-arg=B=3", "--label=team=x", "--no-warm", "--", "app"));
  ASSERT_EQ(w.images[0].bases.size(), 1u);
  EXPECT_EQ(w.images[0].bases[0].context, "base");
  EXPECT_THAT(w.images[1].words,
              ElementsAre("--network=host", "--build-arg=A=1", "--build-arg=B=2", "--", "."));
}

TEST(WorkspaceFileTest, ADockerfileMayStandInIt) {
  const Workspace w =
      Parse("[variables]\nV = \"1\"\n[image.a]\ndockerfile_inline = \"FROM x:${V}\\nRUN echo $${A}\\n\"\n");
  EXPECT_EQ(w.images[0].inline_dockerfile, "FROM x:1\nRUN echo ${A}\n");
  EXPECT_THAT(Error("[image.a]\ndockerfile = \"D\"\ndockerfile_inline = \"FROM x\"\n"),
              HasSubstr("cannot both be given"));
}

TEST(WorkspaceFileTest, GroupsAreTakenApart) {
  const Workspace w = Parse("[image.a]\n[image.b]\n[group]\nall = [\"one\", \"a\"]\none = [\"b\", \"a\"]\n");
  ASSERT_EQ(w.groups.size(), 2u);
  EXPECT_THAT(w.groups[0].members, ElementsAre("b", "a"));
}

TEST(WorkspaceFileTest, BasesComeFirst) {
  Workspace w = Parse(
      "[image.a]\ncontexts = { x = \"image:c\" }\n[image.b]\n[image.c]\ncontexts = { x = \"image:b\" }\n");
  Diagnostic error;
  ASSERT_TRUE(SortByBases("kasane.toml", &w, &error));
  EXPECT_EQ(w.images[0].name + w.images[1].name + w.images[2].name, "bca");
}

TEST(WorkspaceFileTest, DefaultsAreForOtherBuildsToo) {
  const std::string text =
      "[variables]\nN = \"host\"\n[defaults]\nnetwork = \"${N}\"\nlabels = { a = \"b\" }\n"
      "options = [\"--no-warm\"]\n";
  std::vector<std::string> words;
  Diagnostic error;
  ASSERT_TRUE(
      ParseDefaults(text + "tags = [\"x\"]\n[image.a]\n", "f", /*nothing_else=*/false, &words, &error));
  EXPECT_THAT(words, ElementsAre("--network=host", "--label=a=b", "--no-warm"));
  ASSERT_FALSE(ParseDefaults(text + "[image.a]\n", "f", /*nothing_else=*/true, &words, &error));
  EXPECT_EQ(error.message, "unknown key `image`");
  ASSERT_FALSE(ParseDefaults(text + "tags = [\"x\"]\n", "f", /*nothing_else=*/true, &words, &error));
  EXPECT_EQ(error.message, "unknown key `tags`");
  EXPECT_EQ(error.range.line, 7);
}

TEST(WorkspaceFileTest, MistakesHaveAPlace) {
  EXPECT_EQ(Error("[image.app]\ncontex = \"x\"\n"),
            "kasane.toml:2:1: error: unknown key `contex`\n  contex = \"x\"\n  ^~~~~~\n"
            "  help: did you mean `context`?\n");
  EXPECT_THAT(Error("[image.app]\ntags = [\"${V}\"]\n"), HasSubstr("there is no variable `V`"));
  EXPECT_THAT(Error("[image.app]\ntags = \"x\"\n"), HasSubstr("must be an array of strings"));
  EXPECT_THAT(Error("[image.app]\ncontexts = { b = \"image:ap\" }\n"), HasSubstr("did you mean `app`?"));
  EXPECT_THAT(Error("[image.a]\ninherits = [\"a\"]\n"), HasSubstr("inherits itself"));
  EXPECT_THAT(Error("[image.a]\n[group]\ng = [\"g\"]\n"), HasSubstr("holds itself"));
  EXPECT_THAT(Error("[image.a]\ncontexts = { x = \"image:b\" }\n[image.b]\ncontexts = { x = \"image:a\" }\n"),
              HasSubstr("images are FROM each other in a circle: a -> b -> a"));
}

}  // namespace
}  // namespace kasane
