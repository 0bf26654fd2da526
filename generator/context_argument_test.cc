#include "generator/context_argument.h"

#include <gtest/gtest.h>

#include "src/base/file.h"

namespace kasane {
namespace {

using Kind = ContextArgument::Kind;

class ContextArgumentTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "/contexts";
    ASSERT_TRUE(RemoveTree(root_).ok());
    ASSERT_TRUE(MakeDirs(root_ + "/dir").ok());
    ASSERT_TRUE(WriteFileAtomic(root_ + "/file", "").ok());
    ASSERT_TRUE(WriteFileAtomic(root_ + "/dir/index.json", "{}").ok());
  }
  ContextArgument Main(const std::string& word) {
    ContextArgument argument;
    Diagnostic error;
    EXPECT_TRUE(ParseMainContext(word, &argument, &error)) << error.message;
    return argument;
  }
  ContextArgument Named(const std::string& word) {
    ContextArgument argument;
    Diagnostic error;
    EXPECT_TRUE(ParseNamedContext("n", word, &argument, &error)) << error.message;
    return argument;
  }
  std::string Error(const std::string& word, bool main = false) {
    ContextArgument argument;
    Diagnostic error;
    EXPECT_FALSE(main ? ParseMainContext(word, &argument, &error)
                      : ParseNamedContext("n", word, &argument, &error));
    return error.message;
  }
  std::string root_;
};

TEST_F(ContextArgumentTest, TheMainOne) {
  EXPECT_EQ(Main(root_ + "/dir").kind, Kind::kDirectory);
  EXPECT_EQ(Main("-").kind, Kind::kStandardInput);
  EXPECT_EQ(Main("https://example.com/x.tar").kind, Kind::kUrl);
  EXPECT_EQ(Main("https://example.com/x.git").kind, Kind::kGit);
  EXPECT_EQ(Main("github.com/a/b").kind, Kind::kGit);
  EXPECT_EQ(Main("git@example.com:a/b").kind, Kind::kGit);
  const ContextArgument git = Main("https://example.com/x.git#v1:sub");
  EXPECT_EQ(git.git.ref, "v1");
  EXPECT_EQ(git.git.subdir, "sub");
  EXPECT_EQ(Error("/no/such", true), "context directory /no/such does not exist");
  EXPECT_EQ(Error(root_ + "/file", true), "context " + root_ + "/file is not a directory");
}

TEST_F(ContextArgumentTest, NamedOnes) {
  EXPECT_EQ(Named(root_ + "/dir").kind, Kind::kDirectory);
  EXPECT_EQ(Named("docker-image://alpine").value, "alpine");
  EXPECT_EQ(Named("docker-image://scratch").kind, Kind::kImage);
  EXPECT_EQ(Named("target:build").value, "build");
  EXPECT_EQ(Named("http://example.com/x").kind, Kind::kUrl);
  const ContextArgument layout = Named("oci-layout://" + root_ + "/dir:1.0");
  EXPECT_EQ(layout.kind, Kind::kLayout);
  EXPECT_EQ(layout.value, root_ + "/dir");
  EXPECT_EQ(layout.tag, ":1.0");
  const std::string digest = "@sha256:" + std::string(64, '0');
  EXPECT_EQ(Named("oci-layout://" + root_ + "/dir:1.0" + digest).tag, digest);
  EXPECT_EQ(ContextWord(layout, "", "../x"), "oci-layout://../x:1.0");
  ASSERT_TRUE(MakeDirs(root_ + "/dir/.kasane").ok());
  ASSERT_TRUE(WriteFileAtomic(root_ + "/dir/.kasane/base.json", "").ok());
  const ContextArgument built = Named("build://" + root_ + "/dir");
  EXPECT_EQ(built.kind, Kind::kBuilt);
  EXPECT_EQ(ContextWord(built, "", "../x"), "build://../x");
  EXPECT_EQ(Error("build://" + root_), "--build-context n: there is no build in " + root_);

  EXPECT_EQ(Error("/no/such"), "--build-context n: directory /no/such does not exist");
  EXPECT_EQ(Error(root_ + "/file"), "--build-context n: " + root_ + "/file is not a directory");
  EXPECT_EQ(Error("docker-image://A"),
            "--build-context n: invalid image reference \"A\": the repository name must be lower case");
  EXPECT_EQ(Error("target:"), "--build-context n: target: names no stage");
  EXPECT_EQ(Error("oci-layout://" + root_),
            "--build-context n: " + root_ + " is no OCI layout: it has no index.json");
  EXPECT_EQ(Error("oci-layout://" + root_ + "/dir@sha256:0"),
            "--build-context n: invalid digest \"sha256:0\"");
  EXPECT_EQ(Error("https://example.com/x.git?nope=1"),
            "--build-context n https://example.com/x.git?nope=1: unknown name \"nope\" in the query");
}

}  // namespace
}  // namespace kasane
