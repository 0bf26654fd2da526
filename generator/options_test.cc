#include "generator/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/json.h"
#include "src/oci/reference.h"

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

absl::optional<std::string> NoEnvironment(const std::string&) { return absl::nullopt; }
absl::optional<std::string> SomeEnvironment(const std::string& name) {
  if (name == "TOKEN") return std::string("t0");
  if (name == "SOURCE_DATE_EPOCH") return std::string("42");
  return absl::nullopt;
}

Options Parse(const std::vector<std::string>& args, Environment environment = NoEnvironment) {
  Options options;
  Diagnostic error;
  EXPECT_TRUE(ParseOptions(args, environment, &options, &error)) << error.message;
  return options;
}

std::string Error(const std::vector<std::string>& args) {
  Options options;
  Diagnostic error;
  EXPECT_FALSE(ParseOptions(args, NoEnvironment, &options, &error));
  return Render(error, "", false);
}

TEST(OptionsTest, TakesDockersSpellings) {
  Options o = Parse({"-f", "sub/Dockerfile", "-tapp:1", "--tag=localhost:5000/x", "--build-arg", "A=b=c",
                     "--label=k=v", "--network=host", "--add-host", "goproxy.cn:127.0.0.1", "--shm-size",
                     "64m", "--ulimit", "nofile=1:2", "--pull", "-C", "out", "ctx"});
  EXPECT_EQ(o.file, "sub/Dockerfile");
  EXPECT_THAT(o.tags, ElementsAre("docker.io/library/app:1", "localhost:5000/x:latest"));
  EXPECT_THAT(o.build_args, ElementsAre(Pair("A", "b=c")));
  EXPECT_THAT(o.labels, ElementsAre(Pair("k", "v")));
  EXPECT_EQ(o.network, "host");
  EXPECT_THAT(o.add_hosts, ElementsAre("goproxy.cn:127.0.0.1"));
  EXPECT_EQ(o.shm_size, 64 << 20);
  EXPECT_TRUE(o.pull);
  EXPECT_EQ(o.build_dir, "out");
  EXPECT_EQ(o.context, "ctx");
}

TEST(OptionsTest, HostsMayHaveV6Addresses) {
  EXPECT_THAT(Parse({"--add-host=a:[::1]", "--add-host", "b=::1"}).add_hosts, ElementsAre("a:::1", "b:::1"));
}

TEST(OptionsTest, TheEnvironmentIsReadOnceAndRemembered) {
  Options o = Parse({"--build-arg=TOKEN", "--build-arg=UNSET"}, SomeEnvironment);
  EXPECT_THAT(o.build_args, ElementsAre(Pair("SOURCE_DATE_EPOCH", "42"), Pair("TOKEN", "t0")));
  EXPECT_EQ(o.epoch, Epoch(42));
  Options again = Parse(RememberedArguments(o));
  EXPECT_EQ(again.build_args, o.build_args);
  EXPECT_EQ(again.epoch, o.epoch);
}

TEST(OptionsTest, RememberedArgumentsGiveTheSameOptions) {
  Options o = Parse({"-f",
                     "a b",
                     "-t",
                     "app",
                     "--target=x",
                     "--build-arg=A=1\n2",
                     "--label=k",
                     "--annotation=a=b=c",
                     "--annotation=manifest:index:x=y",
                     "--network=none",
                     "--add-host=h:1.2.3.4",
                     "--shm-size=1g",
                     "--ulimit=core=0",
                     "--stat-level=2",
                     "--profiles=p.toml",
                     "--generated=dist/",
                     "--build-tree=b",
                     "--emit=cmake",
                     "-o",
                     "type=oci,dest=out.tar",
                     "--",
                     "-dir"});
  EXPECT_EQ(Parse(RememberedArguments(o)).stat_level, 2);
  EXPECT_EQ(Parse(RememberedArguments(o)).profiles, "p.toml");
  EXPECT_THAT(Parse(RememberedArguments(o)).generated, ElementsAre("dist/"));
  EXPECT_THAT(Parse(RememberedArguments(o)).build_trees, ElementsAre("b"));
  EXPECT_EQ(Parse(RememberedArguments(o)).emit, "cmake");
  EXPECT_EQ(RememberedArguments(Parse(RememberedArguments(o))), RememberedArguments(o));
  EXPECT_EQ(Parse(RememberedArguments(o)).context, "-dir");
  ASSERT_EQ(o.annotations.size(), 2u);
  EXPECT_EQ(o.annotations[0].key, "a");
  EXPECT_EQ(o.annotations[0].value, "b=c");
  EXPECT_EQ(o.annotations[1].key, "index:x");
}

TEST(OptionsTest, CompressionHasATypeAndALevel) {
  const auto compression = [](const std::vector<std::string>& words) {
    const Options o = Parse(words);
    EXPECT_EQ(Parse(RememberedArguments(o)).compression.type, o.compression.type);
    EXPECT_EQ(Parse(RememberedArguments(o)).compression.level, o.compression.level);
    return absl::StrCat(o.compression.type, " ", o.compression.level);
  };
  EXPECT_EQ(compression({}), "gzip 0");
  EXPECT_EQ(compression({"--compression=gzip,level=9"}), "gzip 9");
  EXPECT_EQ(compression({"--compression=zstd"}), "zstd 0");
  EXPECT_EQ(compression({"--compression=uncompressed"}), "uncompressed 0");
  EXPECT_EQ(compression({"-o", "type=oci,dest=f,compression=zstd,compression-level=19"}), "zstd 19");
  EXPECT_EQ(compression({"-o", "type=oci,dest=f,compression-level=1"}), "gzip 1");
  for (const char* wrong :
       {"lzma", "gzip,level=13", "zstd,level=0", "zstd,level=x", "gzip,9", "uncompressed,level=1"}) {
    Options options;
    Diagnostic error;
    EXPECT_FALSE(ParseOptions({absl::StrCat("--compression=", wrong)}, ProcessEnvironment, &options, &error))
        << wrong;
    EXPECT_TRUE(options.wrong_value) << wrong;
  }
}

TEST(OptionsTest, PlatformsAreNormalisedAndThereOnce) {
  const Options o = Parse({"--platform=linux/x86_64, linux/arm64/v8", "--platform", "linux/arm,arm64"});
  EXPECT_THAT(o.platforms, ElementsAre("linux/amd64", "linux/arm64", "linux/arm/v7"));
  EXPECT_EQ(Parse(RememberedArguments(o)).platforms, o.platforms);
  EXPECT_THAT(Parse({"--platform=local"}).platforms, ElementsAre(HostPlatform().ToString()));
}

TEST(OptionsTest, AnnotationsHaveATypeAndAPlatform) {
  const std::vector<std::string> words = {
      "--annotation=index:a=b", "--annotation=manifest[linux/arm64/v8]:c=d",
      "--annotation=index-descriptor:e=f", "--annotation=manifest-descriptor[linux/amd64]:g=h",
      "--annotation=i:j=k"};
  const Options o = Parse(words);
  ASSERT_EQ(o.annotations.size(), 5u);
  EXPECT_EQ(o.annotations[0].type, Annotation::Type::kIndex);
  EXPECT_EQ(o.annotations[1].type, Annotation::Type::kManifest);
  EXPECT_EQ(o.annotations[1].platform, "linux/arm64");
  EXPECT_EQ(o.annotations[2].type, Annotation::Type::kIndexDescriptor);
  EXPECT_EQ(o.annotations[3].type, Annotation::Type::kManifestDescriptor);
  EXPECT_EQ(o.annotations[3].key, "g");
  EXPECT_EQ(o.annotations[4].key, "i:j");
  EXPECT_EQ(RememberedArguments(Parse(RememberedArguments(o))), RememberedArguments(o));
}

TEST(OptionsTest, ContextsAreNamedLikeImages) {
  const Options o =
      Parse({"--build-context=docker.io/library/alpine:latest=dir", "--build-context", "x:1=a=b"});
  EXPECT_EQ(o.build_contexts.at("alpine"), "dir");
  EXPECT_EQ(o.build_contexts.at("x:1"), "a=b");
  EXPECT_EQ(Parse(RememberedArguments(o)).build_contexts, o.build_contexts);
}

TEST(OptionsTest, StatementsAreAskedForAsDockerBuildxDoes) {
  EXPECT_FALSE(Parse({}).attestations.sbom);
  EXPECT_TRUE(Parse({"--sbom"}).attestations.sbom);
  EXPECT_FALSE(Parse({"--sbom", "--attest=type=sbom,disabled=true"}).attestations.sbom);
  const Options o = Parse({"--provenance=mode=max"});
  EXPECT_TRUE(o.attestations.provenance && o.attestations.is_full);
  EXPECT_TRUE(Parse(RememberedArguments(o)).attestations.is_full);
  EXPECT_FALSE(Parse({"--provenance=false"}).attestations.provenance);
  EXPECT_EQ(Error({"--attest=type=vex"}),
            "error: --attest: unknown type of statement \"vex\"\n  help: use type=sbom or type=provenance\n");
  EXPECT_EQ(Error({"--provenance=version=v0.2"}),
            "error: --provenance: \"version=v0.2\" is not supported in a statement of type provenance\n"
            "  help: it can have mode=min, mode=max and version=v1\n");
}

TEST(OptionsTest, MistakesGetOneClearError) {
  EXPECT_EQ(Error({"--taget", "x"}), "error: unknown option --taget\n  help: did you mean --target?\n");
  EXPECT_EQ(Error({"-q"}), "error: unknown option -q\n  help: `gen --help` lists them all\n");
  EXPECT_EQ(Error({"-t"}), "error: option -t needs a value\n  help: use -t NAME\n");
  EXPECT_EQ(Error({"--build-arg", "=x"}),
            "error: --build-arg: invalid build argument \"=x\": it has no name\n  help: use --build-arg "
            "NAME=VALUE\n");
  EXPECT_EQ(Error({"--network", "bridge"}),
            "error: --network: unknown network \"bridge\"\n  help: use default, host or none\n");
  EXPECT_EQ(Error({"a", "b"}), "error: unexpected argument \"b\"\n  help: one context at most\n");
  EXPECT_EQ(Error({"--build-arg=SOURCE_DATE_EPOCH=-1"}),
            "error: invalid SOURCE_DATE_EPOCH \"-1\"\n  help: use seconds since 1970\n");
  EXPECT_EQ(Error({"--annotation", "a"}),
            "error: --annotation: invalid annotation \"a\"\n  help: use --annotation NAME=VALUE\n");
  EXPECT_EQ(
      Error({"--annotation", "manifest[x/y/z/0]:a=b"}),
      "error: --annotation: invalid annotation \"manifest[x/y/z/0]:a=b\": invalid platform \"x/y/z/0\": "
      "expected os/architecture[/variant]\n");
  EXPECT_EQ(Error({"--platform=linux/amd64,windows/amd64"}),
            "error: --platform: platform windows/amd64 is not supported\n  help: images of Linux are\n");
  EXPECT_EQ(Error({"--build-context=foo"}),
            "error: --build-context: invalid context \"foo\"\n"
            "  help: use --build-context NAME=DIRECTORY, or NAME=URL\n");
  EXPECT_EQ(Error({"--build-context=Foo=."}),
            "error: --build-context: invalid name of a context: invalid image reference \"Foo\": the "
            "repository name "
            "must be lower case\n");
  EXPECT_EQ(Error({"-f", "-", "-"}), "error: standard input cannot be both the context and the Dockerfile\n");
  EXPECT_EQ(Error({"-o", "dir"}),
            "error: --output: output type \"local\" is not supported yet\n"
            "  help: use type=oci,dest=FILE or type=docker,dest=FILE; the OCI layout is always in "
            ".kasane/out/oci\n");
}

}  // namespace
}  // namespace kasane
