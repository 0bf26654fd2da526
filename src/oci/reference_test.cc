#include "src/oci/reference.h"

#include <string>

#include "gtest/gtest.h"

namespace kasane {
namespace {

const char kHex[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

std::string Full(absl::string_view text) {
  auto reference = ParseReference(text);
  return reference.ok() ? reference->ToString() : std::string(reference.status().message());
}

std::string Short(absl::string_view text) {
  auto reference = ParseReference(text);
  return reference.ok() ? reference->Familiar() : std::string(reference.status().message());
}

std::string Plat(absl::string_view text) {
  auto platform = ParsePlatform(text);
  return platform.ok() ? platform->ToString() : std::string(platform.status().message());
}

TEST(Reference, Normalises) {
  EXPECT_EQ(Full("golang"), "docker.io/library/golang:latest");
  EXPECT_EQ(Full("golang:1.19"), "docker.io/library/golang:1.19");
  EXPECT_EQ(Full("amd64/golang:latest"), "docker.io/amd64/golang:latest");
  EXPECT_EQ(Full("index.docker.io/golang"), "docker.io/library/golang:latest");
  EXPECT_EQ(Full("docker.io/golang"), "docker.io/library/golang:latest");
  EXPECT_EQ(Full("localhost/app"), "localhost/app:latest");
  EXPECT_EQ(Full("localhost:5000/x:1"), "localhost:5000/x:1");
  EXPECT_EQ(Full("localhost:5000"), "docker.io/library/localhost:5000");  // as Docker reads it: a tag
  EXPECT_EQ(Full("example.com/a/b/c"), "example.com/a/b/c:latest");
  EXPECT_EQ(Full("[::1]:5000/a"), "[::1]:5000/a:latest");
  EXPECT_EQ(Full("HOST/a"), "HOST/a:latest");
  EXPECT_EQ(Full(std::string("a@sha256:") + kHex), std::string("docker.io/library/a@sha256:") + kHex);
  EXPECT_EQ(Full(std::string("a:t@sha256:") + kHex), std::string("docker.io/library/a:t@sha256:") + kHex);
  EXPECT_EQ(Full("a__b-.c"), "invalid image reference \"a__b-.c\": bad repository name \"a__b-.c\"");
  EXPECT_EQ(Full("a---b__c.d_e"), "docker.io/library/a---b__c.d_e:latest");
}

TEST(Reference, Familiar) {
  EXPECT_EQ(Short("docker.io/library/golang"), "golang:latest");
  EXPECT_EQ(Short("docker.io/amd64/golang:1"), "amd64/golang:1");
  EXPECT_EQ(Short("library/a/b"), "library/a/b:latest");
  EXPECT_EQ(Short("localhost:5000/x:1"), "localhost:5000/x:1");
}

TEST(Reference, Refuses) {
  EXPECT_EQ(Full(""), "empty image reference");
  EXPECT_EQ(Full("Golang"), "invalid image reference \"Golang\": the repository name must be lower case");
  EXPECT_EQ(Full("a:"), "invalid image reference \"a:\": bad tag \"\"");
  EXPECT_EQ(Full("a:.x"), "invalid image reference \"a:.x\": bad tag \".x\"");
  EXPECT_FALSE(ParseReference(std::string("a:") + std::string(129, 'x')).ok());
  EXPECT_TRUE(ParseReference(std::string("a:") + std::string(128, 'x')).ok());
  EXPECT_FALSE(ParseReference("a//b").ok());
  EXPECT_FALSE(ParseReference("/a").ok());
  EXPECT_FALSE(ParseReference("a/").ok());
  EXPECT_FALSE(ParseReference("a b").ok());
  EXPECT_FALSE(ParseReference("-a.com/b").ok());
  EXPECT_FALSE(ParseReference("a.com:x/b").ok());
  EXPECT_FALSE(ParseReference("[::1/b").ok());
  EXPECT_FALSE(ParseReference("a@sha256:12").ok());
  EXPECT_FALSE(ParseReference("a@sha512:12").ok());
  EXPECT_FALSE(ParseReference(kHex).ok());
  EXPECT_FALSE(ParseReference("a.com/" + std::string(260, 'x')).ok());
  EXPECT_FALSE(ParseReference("../../etc/passwd").ok());
}

TEST(Platform, Normalises) {
  EXPECT_EQ(Plat("linux/amd64"), "linux/amd64");
  EXPECT_EQ(Plat("Linux/x86_64"), "linux/amd64");
  EXPECT_EQ(Plat("linux/aarch64"), "linux/arm64");
  EXPECT_EQ(Plat("linux/arm64/v8"), "linux/arm64");
  EXPECT_EQ(Plat("linux/arm64/v9"), "linux/arm64/v9");
  EXPECT_EQ(Plat("linux/arm"), "linux/arm/v7");
  EXPECT_EQ(Plat("linux/arm/v6"), "linux/arm/v6");
  EXPECT_EQ(Plat("linux/armhf"), "linux/arm/v7");
  EXPECT_EQ(Plat("arm64"), "linux/arm64");
  EXPECT_EQ(Plat("amd64/"), "invalid platform \"amd64/\": expected os/architecture[/variant]");
  EXPECT_EQ(Plat("a/b/c/d"), "invalid platform \"a/b/c/d\": expected os/architecture[/variant]");
  EXPECT_EQ(Plat("nonsense"), "invalid platform \"nonsense\": unknown operating system or architecture");
  EXPECT_EQ(Plat("linux"), HostPlatform().ToString());
}

}  // namespace
}  // namespace kasane
