#include "src/containers/run_container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;

Json Config(const std::string& config) {
  return ParseJson(absl::StrCat(R"({"config":)", config, "}"), "a config").value();
}

TEST(WordsOfTest, TheImagesOwn) {
  ContainerRequest request;
  request.name = "web";
  const ProcessWords words =
      WordsOf(
          Config(
              R"({"Entrypoint":["a","b"],"Cmd":["c"],"Env":["PATH=/x","K=v"],"User":"u","WorkingDir":"/w",)"
              R"("StopSignal":"SIGQUIT"})"),
          request)
          .value();
  EXPECT_THAT(words.argv, ElementsAre("a", "b", "c"));
  EXPECT_THAT(words.env, ElementsAre("PATH=/x", "K=v", "HOSTNAME=web"));
  EXPECT_EQ(words.user, "u");
  EXPECT_EQ(words.workdir, "/w");
  EXPECT_EQ(words.stop_signal, SIGQUIT);
}

TEST(WordsOfTest, TheRequestsComeInTheirPlace) {
  ContainerRequest request;
  request.command = {"x"};
  request.env = {"K=w", "HOSTNAME=h", "L="};
  request.user = "1";
  request.workdir = "/r";
  request.terminal = true;
  const Json config = Config(R"({"Entrypoint":["a"],"Cmd":["c"],"Env":["K=v"],"User":"u","StopSignal":"9"})");
  ProcessWords words = WordsOf(config, request).value();
  EXPECT_THAT(words.argv, ElementsAre("a", "x"));
  EXPECT_THAT(words.env,
              ElementsAre("K=w", "HOSTNAME=h", "L=",
                          "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"));
  EXPECT_EQ(words.user, "1");
  EXPECT_EQ(words.workdir, "/r");
  EXPECT_EQ(words.stop_signal, 9);
  // With another entrypoint the image's command does not count.
  request.command.clear();
  request.entrypoint = std::vector<std::string>{"e"};
  words = WordsOf(config, request).value();
  EXPECT_THAT(words.argv, ElementsAre("e"));
}

TEST(WordsOfTest, NothingToExecute) {
  EXPECT_TRUE(absl::IsInvalidArgument(WordsOf(Config("{}"), ContainerRequest()).status()));
}

TEST(ParsePortTest, Forms) {
  EXPECT_EQ(ShownPort(ParsePort("8080:80").value()), "0.0.0.0:8080->80/tcp");
  EXPECT_EQ(ShownPort(ParsePort("80").value()), "0.0.0.0:80->80/tcp");
  EXPECT_EQ(ShownPort(ParsePort("127.0.0.1:1:2/udp").value()), "127.0.0.1:1->2/udp");
  EXPECT_EQ(ShownPort(ParsePort("1:2/tcp").value()), "0.0.0.0:1->2/tcp");
  for (const char* text : {"", "x", "0", "65536", "1:", ":1", "a:b:1:2", "1:2:3:4"}) {
    EXPECT_FALSE(ParsePort(text).ok()) << text;
  }
}

TEST(ParseVolumeTest, Forms) {
  SandboxMount mount = ParseVolume("/etc:/x//y/:ro").value();
  EXPECT_EQ(mount.path, "/etc");
  EXPECT_EQ(mount.target, "/x/y");
  EXPECT_TRUE(mount.read_only);
  EXPECT_FALSE(mount.is_file);
  mount = ParseVolume("/etc/passwd:/p").value();
  EXPECT_TRUE(mount.is_file);
  EXPECT_FALSE(mount.read_only);
  EXPECT_EQ(ParseVolume(".:/x").value().target, "/x");
  EXPECT_EQ(ParseVolume("etc:/x").status().message(),
            "\"etc\" would be a volume that has a name, and there are none: write ./etc");
  for (const char* text : {"/etc", "/etc:x", "/nosuch/file:/x", "/etc:/x:y", "etc:/x", ""}) {
    EXPECT_FALSE(ParseVolume(text).ok()) << text;
  }
}

}  // namespace
}  // namespace kasane
