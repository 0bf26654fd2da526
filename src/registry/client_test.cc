#include "src/registry/client.h"

#include "gtest/gtest.h"
#include "src/registry/access.h"

namespace kasane {
namespace {

TEST(RegistryMessage, OneLine) {
  EXPECT_EQ(
      RegistryMessage(R"({"errors":[{"code":"DENIED","message":"no\nway"},{"code":"MANIFEST_UNKNOWN"}]})"),
      "no way; manifest_unknown");
  EXPECT_EQ(RegistryMessage(R"({"details":"incorrect username or password"})"),
            "incorrect username or password");
  EXPECT_EQ(RegistryMessage(R"({"errors":"x"})"), "");
  EXPECT_EQ(RegistryMessage("<html>"), "");
  EXPECT_EQ(RegistryMessage(""), "");
}

TEST(ServerOf, DockerHub) {
  EXPECT_EQ(ServerOf("docker.io"), "registry-1.docker.io");
  EXPECT_EQ(ServerOf("docker.io.example"), "docker.io.example");
}

TEST(CombineErrors, PrimaryFirst) {
  const std::vector<RegistryEndpoint> endpoints = {{"m1", "a", "", "", false, true},
                                                   {"p", "a", "", "", false, false}};
  EXPECT_EQ(CombineErrors(endpoints, {absl::NotFoundError("not found"), absl::UnavailableError("gone")}),
            absl::UnavailableError("gone (mirrors failed too: m1/a: not found)"));
  EXPECT_EQ(CombineErrors({endpoints[1]}, {absl::NotFoundError("not found")}),
            absl::NotFoundError("not found"));
}

}  // namespace
}  // namespace kasane
