#include "generator/defaults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

using testing::ElementsAre;
using testing::Pair;

absl::optional<std::string> Nothing(const std::string&) { return absl::nullopt; }
absl::optional<std::string> Home(const std::string& name) {
  return name == "HOME" ? absl::optional<std::string>("/h") : absl::nullopt;
}
absl::optional<std::string> Xdg(const std::string& name) {
  return name == "XDG_CONFIG_HOME" ? absl::optional<std::string>("/x") : Home(name);
}
absl::optional<std::string> Own(const std::string& name) {
  return name == "KASANE_CONFIG" ? absl::optional<std::string>("") : Xdg(name);
}

class DefaultsTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = absl::StrCat(testing::TempDir(), "/defaults.", getpid());
    ASSERT_TRUE(MakeDirs(directory_).ok());
    files_ = {directory_ + "/config.toml", directory_ + "/kasane.toml"};
  }
  void TearDown() override { ASSERT_TRUE(RemoveTree(directory_).ok()); }
  void Persons(const std::string& text) { ASSERT_TRUE(WriteFileAtomic(files_.persons, text).ok()); }
  void Projects(const std::string& text) { ASSERT_TRUE(WriteFileAtomic(files_.projects, text).ok()); }
  Options Parse(const std::vector<std::string>& words) {
    Options options;
    ok_ = ParseWithDefaults(files_, words, {}, Nothing, &options, &note_, &error_);
    return options;
  }

  std::string directory_, note_;
  DefaultFiles files_;
  Diagnostic error_;
  bool ok_ = false;
};

TEST_F(DefaultsTest, TheCommandLineCountsThenTheProject) {
  Persons("[defaults]\nnetwork = \"host\"\nplatforms = [\"linux/arm64\"]\nargs = { A = \"1\", B = \"1\" }\n");
  Projects(
      "[defaults]\nnetwork = \"none\"\nargs = { B = \"2\", C = \"2\" }\ntags = [\"not/this\"]\n[image.x]\n");
  Options o = Parse({"--build-arg=C=3", "ctx"});
  ASSERT_TRUE(ok_) << error_.message;
  EXPECT_EQ(o.network, "none");
  EXPECT_THAT(o.platforms, ElementsAre("linux/arm64"));
  EXPECT_THAT(o.build_args, ElementsAre(Pair("A", "1"), Pair("B", "2"), Pair("C", "3")));
  EXPECT_TRUE(o.tags.empty());
  EXPECT_EQ(o.context, "ctx");
  EXPECT_EQ(note_, files_.persons + " adds --build-arg=A=1 --build-arg=B=1 --platform=linux/arm64");
  // What was typed is kept apart.
  EXPECT_THAT(o.typed->build_args, ElementsAre(Pair("C", "3")));
  o = Parse({"--network=default", "--platform=linux/amd64"});
  EXPECT_EQ(o.network, "default");
  EXPECT_THAT(o.platforms, ElementsAre("linux/amd64"));
  EXPECT_TRUE(o.given.count("network") > 0);
}

TEST_F(DefaultsTest, WithoutFilesNothingChanges) {
  const Options o = Parse({"--network=host"});
  ASSERT_TRUE(ok_);
  EXPECT_EQ(o.typed, nullptr);
  EXPECT_EQ(note_, "");
  EXPECT_THAT(DependsOfDefaults(files_), ElementsAre(directory_));
  Persons("");
  EXPECT_THAT(DependsOfDefaults(files_), ElementsAre(files_.persons));
}

TEST_F(DefaultsTest, MistakesNameTheFile) {
  Persons("[defaults]\nnetwork = \"x\"\n");
  Parse({});
  EXPECT_FALSE(ok_);
  EXPECT_EQ(Render(error_, "", false), files_.persons +
                                           ": error: --network: unknown network \"x\"\n"
                                           "  help: use default, host or none\n");
  Persons("[defaults]\noptions = [\"--target=x\"]\n");
  Parse({});
  EXPECT_EQ(error_.message, "--target is no default: it means one build");
  Persons("[image.x]\n");
  Parse({});
  EXPECT_EQ(error_.message, "unknown key `image`");
  EXPECT_EQ(error_.range.line, 1);
}

TEST_F(DefaultsTest, PathsAreSeenFromTheFile) {
  Persons("[defaults]\noptions = [\"--profiles=p.toml\"]\n");
  EXPECT_EQ(Parse({}).profiles, directory_ + "/p.toml");
}

TEST(PersonsDefaultsTest, IsWhereConfigurationIs) {
  EXPECT_EQ(PersonsDefaults(Nothing), "");
  EXPECT_EQ(PersonsDefaults(Home), "/h/.config/kasane/config.toml");
  EXPECT_EQ(PersonsDefaults(Xdg), "/x/kasane/config.toml");
  EXPECT_EQ(PersonsDefaults(Own), "");
}

}  // namespace
}  // namespace kasane
