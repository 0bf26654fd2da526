#include "src/config/compose_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace kasane {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::optional<std::string> Value(const std::string& name) {
  return name == "TAG" ? absl::optional<std::string>("7") : absl::nullopt;
}

using Files = std::map<std::string, std::string>;

Workspace ReadFiles(const Files& files, const std::string& file, std::string* told, Files* texts = nullptr) {
  Workspace workspace;
  std::vector<Diagnostic> diagnostics;
  Files read;
  const bool ok = ReadComposeFile(
      file,
      [&files](const std::string& path) -> absl::StatusOr<std::string> {
        const auto found = files.find(path);
        if (found == files.end()) return absl::NotFoundError("no " + path);
        return found->second;
      },
      Value, &workspace, &read, &diagnostics);
  std::string all;
  for (const Diagnostic& diagnostic : diagnostics) all += Render(diagnostic, "", false);
  EXPECT_TRUE(ok || told != nullptr) << all;
  if (told != nullptr) *told = all;
  if (texts != nullptr) *texts = read;
  return workspace;
}

Workspace Read(const std::string& text, std::string* told = nullptr,
               const std::string& file = "compose.yaml") {
  return ReadFiles({{file, text}}, file, told);
}

std::string Told(const std::string& text) {
  std::string told;
  Read(text, &told);
  return told;
}

std::string Told(const Files& files) {
  std::string told;
  ReadFiles(files, "compose.yaml", &told);
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
  const std::string told = Told("services: {a: {build: {context: $NONE, no_cache: true, x-y: 1}}}\n");
  EXPECT_THAT(told, HasSubstr("compose.yaml:1:33: warning: variable NONE is not set and counts as empty"));
  EXPECT_THAT(told, HasSubstr("compose.yaml:1:40: warning: `no_cache` means nothing here"));
}

TEST(ComposeFile, AServiceHasWhatItExtendsAndItsOwnAboveIt) {
  const Workspace w = ReadFiles({{"compose.yaml", R"(
services:
  base: {image: base, build: {context: b, dockerfile: File, args: {A: "1", B: "2"}, tags: [x]}}
  app:
    extends: base
    image: app
    build: {args: {B: "3"}, tags: [y], target: t}
  far:
    extends: {service: app, file: other/more.yaml}
    build: {context: here}
)"},
                                 {"other/more.yaml", R"(
services:
  app: {extends: {service: common}, build: {dockerfile_inline: FROM x}}
  common: {build: {context: c, dockerfile: D, secrets: [s]}}
secrets: {s: {file: s.txt}}
)"}},
                                "compose.yaml", nullptr);
  ASSERT_EQ(w.images.size(), 3u);
  EXPECT_THAT(w.images[1].words,
              ElementsAre("--file=b/File", "--build-arg=A=1", "--build-arg=B=2", "--build-arg=B=3",
                          "--target=t", "--tag=app", "--tag=x", "--tag=y", "--", "b"));
  EXPECT_EQ(w.images[2].context, "here");
  EXPECT_EQ(w.images[2].inline_dockerfile, "FROM x");
  EXPECT_THAT(w.images[2].words, ElementsAre("--secret=id=s,src=other/s.txt", "--", "here"));
}

TEST(ComposeFile, IncludedFilesKeepTheirDirectoryAndVariables) {
  Files texts;
  const Workspace w =
      ReadFiles({{"compose.yaml",
                  "include: [one/compose.yaml, {path: two/c.yaml, project_directory: p, env_file: v.env}]\n"
                  "services: {top: {build: {additional_contexts: {b: \"service:one\"}}}}\n"},
                 {"one/compose.yaml", "services: {one: {build: {context: x, target: $T, network: $TAG}}}"},
                 {"one/.env", "T=from-env\nTAG=8\n"},
                 {"two/c.yaml", "services: {two: {build: {target: $T}}}"},
                 {"v.env", "T=given\n"}},
                "compose.yaml", nullptr, &texts);
  ASSERT_EQ(w.images.size(), 3u);
  EXPECT_THAT(w.images[0].words, ElementsAre("--target=from-env", "--network=7", "--", "one/x"));
  EXPECT_THAT(w.images[1].words, ElementsAre("--target=given", "--", "p/."));
  EXPECT_EQ(w.images[2].bases[0].image, "one");
  EXPECT_THAT(texts, testing::SizeIs(6));
  EXPECT_EQ(texts.at(".env"), "");
}

TEST(ComposeFile, FilesOfOneIncludeAreOneProject) {
  const Workspace w = ReadFiles({{"compose.yaml",
                                  "include:\n"
                                  "  - path: [one/a.yaml, two/b.yaml]\n"
                                  "    env_file: [x.env, y.env]\n"
                                  "  - {path: [three/c.yaml], project_directory: p}\n"},
                                 {".env", "TOP=top\n"},
                                 {"one/a.yaml", R"(
services:
  app: {image: app, build: {context: x, target: $T, args: {A: "1", B: "1"}, tags: [t1], secrets: [s],
        additional_contexts: {c: ./c, d: "service:db"}}}
  db: {image: db}
secrets: {s: {file: ./s}}
)"},
                                 {"two/b.yaml", R"(
services:
  app: {build: {dockerfile: $D, args: {B: "2"}, tags: [t2], additional_contexts: {c: "service:db"}}}
  db: {build: y}
  more: {build: {network: $TOP}}
secrets: {s: {environment: S}}
)"},
                                 {"three/c.yaml", "services: {c: {build: .}}"},
                                 {"one/.env", "T=never\n"},
                                 {"x.env", "T=x\nD=x\nTOP=x\n"},
                                 {"y.env", "D=${T}y\n"}},
                                "compose.yaml", nullptr);
  ASSERT_EQ(w.images.size(), 4u);
  EXPECT_THAT(w.images[0].words, ElementsAre("--file=one/x/xy", "--target=x", "--build-arg=A=1",
                                             "--build-arg=B=1", "--secret=id=s,env=S", "--build-arg=B=2",
                                             "--tag=app", "--tag=t1", "--tag=t2", "--", "one/x"));
  ASSERT_EQ(w.images[0].bases.size(), 2u);
  EXPECT_EQ(w.images[0].bases[0].context, "d");
  EXPECT_EQ(w.images[0].bases[1].context, "c");
  EXPECT_EQ(w.images[1].context, "one/y");
  EXPECT_THAT(w.images[2].words, ElementsAre("--network=top", "--", "one/."));
  EXPECT_EQ(w.images[3].context, "p/.");
}

TEST(ComposeFile, CirclesOfFilesAndServicesAreShown) {
  EXPECT_EQ(Told(Files{{"compose.yaml", "include: [a/x.yaml]"}, {"a/x.yaml", "include: [../compose.yaml]"}}),
            "a/x.yaml:1:11: error: files include each other in a circle: compose.yaml -> a/x.yaml -> "
            "compose.yaml\n");
  EXPECT_EQ(Told("services:\n  a: {extends: b, build: .}\n  b: {extends: {service: a}}\n"),
            "compose.yaml:3:26: error: services extend each other in a circle: a -> b -> a\n");
  EXPECT_EQ(Told(Files{{"compose.yaml", "services: {a: {build: ., extends: {service: b, file: x.yaml}}}"},
                       {"x.yaml", "services: {b: {extends: {service: a, file: ./compose.yaml}}}"}}),
            "x.yaml:1:35: error: services extend each other in a circle: a -> b -> a\n");
}

TEST(ComposeFile, MistakesOfOtherFilesHaveAPlaceToo) {
  EXPECT_EQ(Told("services: {app: {extends: ap}}"),
            "compose.yaml:1:27: error: there is no service `ap`\n  help: did you mean `app`?\n");
  EXPECT_EQ(Told("include: [{path: []}]\n"), "compose.yaml:1:11: error: an include needs its `path`\n");
  EXPECT_EQ(
      Told(Files{{"compose.yaml", "include: [{path: [x.yaml, y.yaml]}]\n"}, {"x.yaml", "services: {}"}}),
      "compose.yaml:1:27: error: no y.yaml\n");
  EXPECT_EQ(Told("include: [x.yaml]\n"), "compose.yaml:1:11: error: no x.yaml\n");
  EXPECT_EQ(Told("include: [\"https://x/y.git\"]\n"),
            "compose.yaml:1:11: error: an include is a file of this machine\n");
  EXPECT_EQ(Told(Files{{"compose.yaml", "include: [x.yaml]\nservices: {a: {build: .}}"},
                       {"x.yaml", "services: {a: {build: .}}"}}),
            "compose.yaml:2:12: error: `a` stands in x.yaml too, which is included\n");
  EXPECT_EQ(Told(Files{{"compose.yaml", "services: {a: {extends: {service: b, file: x.yaml}}}"},
                       {"x.yaml", "services: {b: {build: {contxt: .}}}"}}),
            "x.yaml:1:24: error: unknown key `contxt`\n  help: did you mean `context`?\n");
}

TEST(ComposeFile, MistakesHaveAPlace) {
  EXPECT_EQ(Told("services: {a: {build: {contxt: x}}}"),
            "compose.yaml:1:24: error: unknown key `contxt`\n  help: did you mean `context`?\n");
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
