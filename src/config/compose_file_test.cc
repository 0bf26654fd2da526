#include "src/config/compose_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kasane {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::optional<std::string> Value(const std::string& name) {
  return name == "TAG" ? absl::optional<std::string>("7") : absl::nullopt;
}

Workspace Read(const std::string& text, std::string* told = nullptr,
               const std::string& file = "compose.yaml") {
  Workspace workspace;
  std::vector<Diagnostic> diagnostics;
  const bool ok = ReadComposeFile(text, file, Value, &workspace, &diagnostics);
  std::string all;
  for (const Diagnostic& diagnostic : diagnostics) all += Render(diagnostic, "", false);
  EXPECT_TRUE(ok || told != nullptr) << all;
  if (told != nullptr) *told = all;
  return workspace;
}

std::string Told(const std::string& text) {
  std::string told;
  Read(text, &told);
  return told;
}

TEST(ComposeFile, ABuildIsWordsForGen) {
  const Workspace w = Read(R"(
x-common: &common
  args: &args {A: "1"}
  labels: [l=v, empty]
services:
  app:
    image: app:${TAG:-1}
    build:
      <<: *common
      context: ./app
      dockerfile: docker/File
      args: {<<: *args, B: $TAG, TAG: }
      target: final
      tags: ["app:x"]
      additional_contexts: {base: "service:db", files: ../files, other: "docker-image://alpine"}
      platforms: [linux/amd64]
      network: host
      shm_size: 64m
      ulimits: {nproc: 65, nofile: {soft: 1, hard: 2}}
      extra_hosts: ["h:1.2.3.4"]
      ssh: [default]
      secrets: [token, {source: file, target: as}]
  db:
    build: {dockerfile_inline: "FROM scratch\n"}
    platform: linux/arm64
  other:
    image: nginx
secrets:
  token: {environment: TOKEN}
  file: {file: ./s}
)");
  ASSERT_EQ(w.images.size(), 2u);
  const WorkspaceImage& app = w.images[0];
  EXPECT_THAT(app.words, ElementsAre("--file=./app/docker/File", "--build-arg=B=7", "--build-arg=TAG=7",
                                     "--build-arg=A=1", "--target=final", "--build-context=files=../files",
                                     "--build-context=other=docker-image://alpine", "--platform=linux/amd64",
                                     "--network=host", "--shm-size=64m", "--ulimit=nproc=65",
                                     "--ulimit=nofile=1:2", "--add-host=h:1.2.3.4", "--ssh=default",
                                     "--secret=id=token,env=TOKEN", "--secret=id=as,src=./s", "--label=l=v",
                                     "--label=empty=", "--tag=app:7", "--tag=app:x", "--", "./app"));
  ASSERT_EQ(app.bases.size(), 1u);
  EXPECT_EQ(app.bases[0].context + app.bases[0].image, "basedb");
  EXPECT_EQ(app.range.line, 6);
  EXPECT_EQ(w.images[1].inline_dockerfile, "FROM scratch\n");
  EXPECT_THAT(w.images[1].words, ElementsAre("--platform=linux/arm64", "--", "."));
}

TEST(ComposeFile, PathsAreSeenFromItsDirectory) {
  const Workspace w =
      Read("services: {a: {build: ../x}, b: {build: {context: \"https://h/x.git\", dockerfile: D}}}", nullptr,
           "sub/compose.yaml");
  EXPECT_EQ(w.images[0].context, "sub/../x");
  EXPECT_THAT(w.images[1].words, ElementsAre("--file=D", "--", "https://h/x.git"));
}

TEST(ComposeFile, WhatIsNotMeantForUsIsSaid) {
  const std::string told =
      Told("include: [x.yaml]\nservices: {a: {build: {context: $NONE, no_cache: true, x-y: 1}}}\n");
  EXPECT_THAT(told, HasSubstr("compose.yaml:1:10: warning: `include` is not followed"));
  EXPECT_THAT(told, HasSubstr("compose.yaml:2:33: warning: variable NONE is not set and counts as empty"));
  EXPECT_THAT(told, HasSubstr("compose.yaml:2:40: warning: `no_cache` means nothing here"));
}

TEST(ComposeFile, MistakesHaveAPlace) {
  EXPECT_EQ(Told("services: {a: {build: {contxt: x}}}"),
            "compose.yaml:1:24: error: unknown key `contxt`\n  help: did you mean `context`?\n");
  EXPECT_THAT(Told("services:\n  a:\n    extends: b\n    build: .\n"),
              HasSubstr("compose.yaml:3:14: error: `extends` is not followed"));
  EXPECT_THAT(Told("services: {a: {image: x}}"), HasSubstr("no service here has a `build`"));
  EXPECT_THAT(Told("services: {a: {build: {additional_contexts: {x: \"service:aa\"}}}}"),
              HasSubstr("there is no service `aa`\n  help: did you mean `a`?"));
  EXPECT_THAT(Told("services: {a: {build: {secrets: [t]}}}"), HasSubstr("there is no secret `t`"));
  EXPECT_THAT(Told("services: {a: {build: {args: x}}}"), HasSubstr("this must be a mapping or a list"));
  EXPECT_THAT(Told("services: {a: {build: {target: \"${T:?no}\"}}}"),
              HasSubstr("variable T must be set: no"));
  EXPECT_THAT(Told("services: {a: {build: {dockerfile: D, dockerfile_inline: F}}}"),
              HasSubstr("cannot both be given"));
}

}  // namespace
}  // namespace kasane
