#include "src/steps/git_auth.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/str_join.h"

namespace kasane {
namespace {

class GitAuthorizationTest : public testing::Test {
 protected:
  void SetUp() override {
    setenv("HEADER", "Basic eA==\n", 1);
    setenv("TOKEN", "t0\n", 1);
  }
  void Give(const std::string& id) {
    secrets_.secrets[id] = {"",
                            absl::string_view(id).find("HEADER") != std::string::npos ? "HEADER" : "TOKEN"};
  }
  std::string Ask(const std::string& remote) {
    const auto env = GitAuthorization(secrets_, remote);
    return env.ok() ? absl::StrJoin(*env, "\n") : std::string(env.status().message());
  }

  BuildSecrets secrets_;
};

constexpr char kToken[] = "GIT_CONFIG_VALUE_0=Authorization: basic eC1hY2Nlc3MtdG9rZW46dDA=";

TEST_F(GitAuthorizationTest, TheHostsOwnComesFirst) {
  EXPECT_EQ(Ask("https://h/r.git"), "");
  Give("GIT_AUTH_TOKEN");
  EXPECT_EQ(Ask("https://h/r.git"),
            absl::StrCat("GIT_CONFIG_COUNT=1\nGIT_CONFIG_KEY_0=http.https://h/r.git.extraheader\n", kToken));
  Give("GIT_AUTH_HEADER");
  EXPECT_EQ(Ask("http://h/r"),
            "GIT_CONFIG_COUNT=1\nGIT_CONFIG_KEY_0=http.http://h/r.extraheader\n"
            "GIT_CONFIG_VALUE_0=Authorization: Basic eA==");
  Give("GIT_AUTH_TOKEN.h:80");
  EXPECT_EQ(
      Ask("http://u:p@h:80/r"),
      absl::StrCat("GIT_CONFIG_COUNT=1\nGIT_CONFIG_KEY_0=http.http://u:p@h:80/r.extraheader\n", kToken));
}

TEST_F(GitAuthorizationTest, OnlyByHttp) {
  Give("GIT_AUTH_TOKEN");
  EXPECT_EQ(Ask("git@github.com:a/b.git"), "");
  EXPECT_EQ(Ask("ssh://git@h/r"), "");
  EXPECT_EQ(
      Ask("https://github.com/a/b.git"),
      absl::StrCat("GIT_CONFIG_COUNT=1\nGIT_CONFIG_KEY_0=http.https://github.com/.extraheader\n", kToken));
}

TEST_F(GitAuthorizationTest, IsOneLine) {
  setenv("HEADER", "a\nX: b", 1);
  Give("GIT_AUTH_HEADER.h");
  EXPECT_EQ(Ask("http://h/r"), "the secret GIT_AUTH_HEADER.h cannot stand in a header");
}

}  // namespace
}  // namespace kasane
