#include "src/registry/credentials.h"

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "src/base/file.h"

namespace kasane {
namespace {

std::string Auth(absl::string_view user_and_password) {
  return absl::StrCat("{\"auth\":\"", absl::Base64Escape(user_and_password), "\"}");
}

class CredentialsTest : public testing::Test {
 protected:
  // The files in their order; a helper that knows nothing but `helpers_`.
  Credentials Make(const std::vector<std::string>& texts) {
    std::vector<std::string> files;
    for (const std::string& text : texts) {
      files.push_back(absl::StrCat(std::getenv("TEST_TMPDIR"), "/auth", files.size(), ".json"));
      EXPECT_TRUE(WriteFileAtomic(files.back(), text).ok());
    }
    files.emplace_back("/nowhere/config.json");
    return Credentials(files,
                       [](const std::string& name, const std::string& server) -> absl::StatusOr<std::string> {
                         if (name == "broken") return absl::UnavailableError("it is not installed");
                         if (name == "silly") return std::string("no JSON");
                         if (name == "token")
                           return std::string(R"({"Username":"<token>","Secret":"refresh"})");
                         if (name == "good")
                           return absl::StrCat(R"({"Username":"u","Secret":"for )", server, "\"}");
                         return absl::NotFoundError("credentials not found in native keychain");
                       });
  }
  std::string Find(Credentials* credentials, const std::string& host, const std::string& repository = "a/b") {
    const Credential c = credentials->Find(host, repository);
    return c.identity_token.empty() ? absl::StrCat(c.username, ":", c.password)
                                    : absl::StrCat("<", c.identity_token, ">");
  }
};

TEST_F(CredentialsTest, Auths) {
  Credentials c =
      Make({absl::StrCat(R"({"auths":{"r.io":)", Auth("u:p:q"), R"(,"r.io/a":)", Auth("ua:pa"),
                         R"(,"r.io/a/b/c":)", Auth("uabc:p"), R"(,"https://s.io/v2/":)", Auth("us:ps"),
                         R"(,"https://index.docker.io/v1/":)", Auth("hub:p"),
                         R"(,"t.io":{"identitytoken":"id"},"v.io":{"username":"x","password":"y"}}})"),
            absl::StrCat(R"({"auths":{"r.io":)", Auth("second:p"), R"(,"w.io":)", Auth("w:p"), "}}")});
  EXPECT_EQ(Find(&c, "r.io", "x"), "u:p:q");
  EXPECT_EQ(Find(&c, "r.io"), "ua:pa");
  EXPECT_EQ(Find(&c, "r.io", "a/b/c"), "uabc:p");
  EXPECT_EQ(Find(&c, "r.io", "ab"), "u:p:q");
  EXPECT_EQ(Find(&c, "s.io"), "us:ps");
  EXPECT_EQ(Find(&c, "docker.io"), "hub:p");
  EXPECT_EQ(Find(&c, "t.io"), "<id>");
  EXPECT_EQ(Find(&c, "v.io"), "x:y");
  EXPECT_EQ(Find(&c, "w.io"), "w:p");
  EXPECT_EQ(Find(&c, "z.io"), ":");
  EXPECT_TRUE(c.warnings().empty());
}

TEST_F(CredentialsTest, Helpers) {
  Credentials c =
      Make({absl::StrCat(R"({"credsStore":"unknowing","credHelpers":{"g.io":"good","docker.io":"good",)",
                         R"("k.io":"token","b.io":"broken","s.io":"silly"},"auths":{"g.io":)", Auth("u:p"),
                         R"(,"b.io":)", Auth("ub:pb"), "}}")});
  EXPECT_EQ(Find(&c, "g.io"), "u:for g.io");
  EXPECT_EQ(Find(&c, "docker.io"), "u:for https://index.docker.io/v1/");
  EXPECT_EQ(Find(&c, "k.io"), "<refresh>");
  EXPECT_EQ(Find(&c, "other.io"), ":");
  EXPECT_TRUE(c.warnings().empty());
  EXPECT_EQ(Find(&c, "b.io"), "ub:pb");
  EXPECT_EQ(Find(&c, "b.io"), "ub:pb");
  EXPECT_EQ(Find(&c, "s.io"), ":");
  EXPECT_EQ(c.warnings(),
            (std::vector<std::string>{
                "docker-credential-broken failed (it is not installed); going on without it",
                "docker-credential-silly failed (its answer is not JSON); going on without it"}));
}

TEST_F(CredentialsTest, DamagedFiles) {
  Credentials c = Make(
      {"{", R"({"auths":{"a.io":{"auth":"!!"}}})", absl::StrCat(R"({"auths":{"a.io":)", Auth("u:p"), "}}")});
  EXPECT_EQ(Find(&c, "a.io"), "u:p");
  EXPECT_EQ(c.warnings().size(), 2u);
}

TEST(RunCredentialHelper, RealProcesses) {
  const std::string dir = absl::StrCat(std::getenv("TEST_TMPDIR"), "/bin");
  ASSERT_TRUE(MakeDirs(dir).ok());
  const auto script = [&](const char* name, const char* body) {
    ASSERT_TRUE(WriteFileAtomic(JoinPath(dir, name), absl::StrCat("#!/bin/sh\n", body, "\n"), 0755).ok());
  };
  script("docker-credential-ok", "read s; echo \"$1 $s\"");
  script("docker-credential-none", "echo 'credentials not found in native keychain'; exit 1");
  script("docker-credential-bad", "echo 'the keyring is locked'; exit 1");
  script("docker-credential-deaf", "exit 3");
  const std::string path = absl::StrCat(dir, ":", std::getenv("PATH"));
  ASSERT_EQ(setenv("PATH", path.c_str(), 1), 0);
  EXPECT_EQ(*RunCredentialHelper("ok", "h.io\n"), "get h.io\n");
  EXPECT_EQ(RunCredentialHelper("none", "h.io").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(RunCredentialHelper("bad", "h.io").status().message(), "the keyring is locked");
  EXPECT_EQ(RunCredentialHelper("deaf", "h.io").status().message(), "exit code 3");
  EXPECT_EQ(RunCredentialHelper("missing", "h.io").status().message(), "it is not installed");
  EXPECT_FALSE(RunCredentialHelper("../bin/sh", "h.io").ok());
}

}  // namespace
}  // namespace kasane
