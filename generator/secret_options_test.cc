#include "generator/secret_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SecretOptionsTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = "/tmp/secret_options_test.XXXXXX";
    ASSERT_NE(mkdtemp(directory_.data()), nullptr);
    file_ = directory_ + "/a,b";
    ASSERT_TRUE(WriteFileAtomic(file_, "value").ok());
  }
  void TearDown() override { EXPECT_TRUE(RemoveTree(directory_).ok()); }

  // "path=P", "env=E" or the error.
  std::string Add(const std::string& value) {
    std::string error, help;
    const auto environment = [](const std::string& name) -> absl::optional<std::string> {
      if (name == "SET") return std::string("x");
      return absl::nullopt;
    };
    secrets_ = BuildSecrets();
    if (!AddSecretOption(value, environment, &secrets_, &error, &help)) return error;
    const SecretSource& source = secrets_.secrets.begin()->second;
    return source.env.empty() ? absl::StrCat("path=", source.path) : absl::StrCat("env=", source.env);
  }

  std::string directory_, file_;
  BuildSecrets secrets_;
};

TEST_F(SecretOptionsTest, FilesAndVariables) {
  EXPECT_EQ(Add(absl::StrCat("id=t,\"src=", file_, "\"")), "path=" + file_);
  EXPECT_THAT(SecretOptions(secrets_), ElementsAre(absl::StrCat("id=t,\"src=", file_, "\"")));
  EXPECT_EQ(Add(SecretOptions(secrets_)[0]), "path=" + file_);
  EXPECT_EQ(Add("id=t,env=ANY"), "env=ANY");
  EXPECT_THAT(SecretOptions(secrets_), ElementsAre("id=t,env=ANY"));
  EXPECT_EQ(Add("id=t,type=env,src=ANY"), "env=ANY");
  EXPECT_EQ(Add("id=SET"), "env=SET");
  EXPECT_EQ(Add("id=SET,type=env"), "env=SET");
  EXPECT_EQ(DecodeBuildSecrets(EncodeBuildSecrets(secrets_))->secrets["SET"].env, "SET");
}

TEST_F(SecretOptionsTest, Errors) {
  EXPECT_EQ(Add("src=/x"), "a secret needs an id");
  EXPECT_EQ(Add("token"), "invalid field \"token\": it must be key=value");
  EXPECT_EQ(Add("id=a,from=b"), "unexpected key \"from\"");
  EXPECT_EQ(Add("id=a,type=vault"), "unsupported type of secret \"vault\"");
  EXPECT_THAT(Add("id=a,src=/nowhere/at/all"), HasSubstr("cannot read /nowhere/at/all"));
  EXPECT_THAT(Add("id=a,src=/tmp"), HasSubstr("is a directory"));
  ASSERT_TRUE(WriteFileAtomic(directory_ + "/big", std::string(kMaxSecretSize + 1, 'x')).ok());
  EXPECT_THAT(Add("id=a,src=" + directory_ + "/big"), HasSubstr("is too big"));
}

TEST_F(SecretOptionsTest, Agents) {
  BuildSecrets secrets;
  std::string error, help;
  EXPECT_TRUE(AddSshOption("default", &secrets, &error, &help));
  EXPECT_TRUE(AddSshOption("deploy=" + directory_ + "," + directory_ + "/.", &secrets, &error, &help));
  EXPECT_THAT(SshOptions(secrets),
              ElementsAre("default", absl::StrCat("deploy=", directory_, ",", directory_)));
  EXPECT_FALSE(AddSshOption("default", &secrets, &error, &help));
  EXPECT_EQ(error, "the agent default was given twice");
  EXPECT_FALSE(AddSshOption("x=/nowhere", &secrets, &error, &help));
}

}  // namespace
}  // namespace kasane
