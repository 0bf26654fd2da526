#include "src/oci/image_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/oci/attestation.h"
#include "src/oci/image_layout.h"
#include "src/oci/oci_test_util.h"

namespace kasane {
namespace {

using ::testing::HasSubstr;

Json Parsed(absl::string_view text) { return ParseJson(text, "test").value(); }

ImageLayer Layer(const std::string& name, const std::string& created) {
  ImageLayer layer;
  layer.info.diff_id = Sha256Of(name);
  layer.info.blob = Sha256Of(name + " blob");
  layer.info.size = 7;
  layer.info.media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
  layer.created = created;
  return layer;
}

std::vector<std::string> Times(const std::string& config) {
  std::vector<std::string> out;
  const Json document = Parsed(config);
  for (const Json& entry : document["history"]) out.push_back(JsonString(entry, "created", "none"));
  return out;
}

ImageSpec TwoSteps() {
  ImageSpec spec;
  spec.config = Parsed(
      R"({"os":"linux","config":{"Labels":{"b":"2","a":"1"},"Cmd":["a && b <c>"],"Env":["A=1"]},"architecture":"amd64",)"
      R"("history":[{"created_by":"base","created":"2025-01-01T00:00:00Z"}],"zzz":{"kept":true}})");
  spec.history = {{"LABEL", "c", "", -1},
                  {"RUN a", "c", "me", 0},
                  {"ENV", "c", "", -1},
                  {"RUN b", "c", "", 1},
                  {"CMD", "c", "", -1}};
  spec.has_base = true;
  spec.steps = 2;
  return spec;
}
std::vector<ImageLayer> ThreeLayers() {
  return {Layer("base", ""), Layer("a", "2026-01-01T00:00:01.5Z"), Layer("b", "2026-01-01T00:00:02Z")};
}

// As BuildKit writes it, byte for byte (tried against 0.34.2 with the same history).
TEST(FinishConfig, BytesAsBuildKit) {
  std::string got = FinishConfig(TwoSteps(), {Layer("base", ""), Layer("a", "T1"), Layer("b", "T2")}).value();
  EXPECT_EQ(
      got,
      absl::StrCat(
          R"({"architecture":"amd64","config":{"Env":["A=1"],"Cmd":["a \u0026\u0026 b \u003cc\u003e"],"Labels":{"a":"1","b":"2"}},)",
          R"("created":"T2","history":[{"created":"2025-01-01T00:00:00Z","created_by":"base"},)",
          R"({"created":"T1","created_by":"LABEL","comment":"c","empty_layer":true},)",
          R"({"created":"T1","created_by":"RUN a","author":"me","comment":"c"},)",
          R"({"created":"T1","created_by":"ENV","comment":"c","empty_layer":true},)",
          R"({"created":"T2","created_by":"RUN b","comment":"c"},)",
          R"({"created":"T2","created_by":"CMD","comment":"c","empty_layer":true}],"os":"linux",)",
          R"("rootfs":{"type":"layers","diff_ids":[")", Sha256Of("base").ToString(), R"(",")",
          Sha256Of("a").ToString(), R"(",")", Sha256Of("b").ToString(), R"("]},"zzz":{"kept":true}})"));
}

TEST(FinishConfig, EpochSparesTheBase) {
  ImageSpec spec = TwoSteps();
  spec.epoch = 0;
  std::string got = FinishConfig(spec, ThreeLayers()).value();
  std::vector<std::string> want(6, "1970-01-01T00:00:00Z");
  want[0] = "2025-01-01T00:00:00Z";
  EXPECT_EQ(Times(got), want);
  EXPECT_EQ(JsonString(Parsed(got), "created"), "1970-01-01T00:00:00Z");
}

TEST(FinishConfig, MetadataOnlyTakesTheBasesTime) {
  ImageSpec spec = TwoSteps();
  spec.history = {{"LABEL", "c", "", -1}};
  EXPECT_EQ(Times(FinishConfig(spec, {Layer("base", "")}).value()),
            (std::vector<std::string>{"2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"}));
}

TEST(FinishConfig, HistoryIsMadeToFitTheLayers) {
  ImageSpec spec = TwoSteps();
  spec.config["history"] = Json::array();
  Json more = Parsed(FinishConfig(spec, ThreeLayers()).value());
  EXPECT_EQ(more["history"].size(), 6u);
  EXPECT_EQ(JsonString(more["history"][5], "comment"), "buildkit.exporter.image.v0");
  Json fewer = Parsed(FinishConfig(TwoSteps(), {Layer("base", ""), Layer("a", "T1")}).value());
  EXPECT_TRUE(JsonBool(fewer["history"][4], "empty_layer"));
}

TEST(FinishConfig, Scratch) {
  ImageSpec spec;
  spec.config = Parsed(R"({"architecture":"amd64","os":"linux","config":{}})");
  EXPECT_EQ(
      FinishConfig(spec, {}).value(),
      R"({"architecture":"amd64","config":{},"history":[],"os":"linux","rootfs":{"type":"layers","diff_ids":[]}})");
}

TEST(MakeManifest, OciTypesThroughout) {
  ImageSpec spec;
  spec.annotations = {{"b", "2"}, {"a", "1"}};
  std::vector<ImageLayer> layers = {Layer("a", "")};
  layers[0].info.media_type = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  EXPECT_EQ(
      MakeManifest(spec, "{}", layers),
      absl::StrCat(
          R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)",
          R"({"mediaType":"application/vnd.oci.image.config.v1+json","digest":")", Sha256Of("{}").ToString(),
          R"(","size":2},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":")",
          Sha256Of("a blob").ToString(), R"(","size":7}],"annotations":{"a":"1","b":"2"}})"));
}

TEST(OciLayerType, Twins) {
  EXPECT_EQ(OciLayerType("application/vnd.docker.image.rootfs.diff.tar"),
            "application/vnd.oci.image.layer.v1.tar");
  EXPECT_EQ(OciLayerType("application/vnd.docker.image.rootfs.diff.tar.zstd"),
            "application/vnd.oci.image.layer.v1.tar+zstd");
  EXPECT_EQ(OciLayerType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
  EXPECT_EQ(OciLayerType("application/vnd.oci.image.layer.v1.tar+zstd"),
            "application/vnd.oci.image.layer.v1.tar+zstd");
}

TEST(MakeIndex, OneDescriptorForEachName) {
  ImageDescriptor image;
  image.manifest = Sha256Of("m");
  image.manifest_size = 5;
  image.platform = PlatformOf(Parsed(R"({"os":"linux","architecture":"arm","variant":"v7","x":1})"));
  std::string plain = MakeIndex(image).value();
  EXPECT_EQ(plain,
            absl::StrCat(
                R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)",
                R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")",
                image.manifest.ToString(),
                R"(","size":5,"platform":{"architecture":"arm","os":"linux","variant":"v7"}}]})"));
  image.names = {"docker.io/library/app:1", "localhost:5000/x/app:latest"};
  std::string named = MakeIndex(image).value();
  EXPECT_THAT(named, HasSubstr(R"("annotations":{"io.containerd.image.name":"docker.io/library/app:1",)"
                               R"("org.opencontainers.image.ref.name":"1"},"platform")"));
  EXPECT_EQ(Parsed(named)["manifests"].size(), 2u);
}

TEST(MakeDockerManifest, FamiliarTags) {
  Digest c = Sha256Of("c"), l = Sha256Of("l");
  EXPECT_EQ(MakeDockerManifest(c, {l, l}, {"docker.io/library/app:1"}).value(),
            absl::StrCat(R"([{"Config":"blobs/sha256/)", c.ToHex(),
                         R"(","RepoTags":["app:1"],"Layers":["blobs/sha256/)", l.ToHex(),
                         R"(","blobs/sha256/)", l.ToHex(), R"("]}])"));
  EXPECT_THAT(MakeDockerManifest(c, {}, {}).value(), HasSubstr(R"("RepoTags":null)"));
}

// --- the layout ---

class LayoutTest : public testing::Test {
 protected:
  StoredImage Make(const std::string& text) {
    ImageSpec spec;
    spec.config = Parsed(R"({"architecture":"amd64","os":"linux","config":{}})");
    ImageLayer layer;
    layer.info.blob = store_->PutBlob(text).value();
    layer.info.diff_id = layer.info.blob;
    layer.info.size = static_cast<int64_t>(text.size());
    layer.info.media_type = "application/vnd.oci.image.layer.v1.tar";
    std::string config = FinishConfig(spec, {layer}).value();
    Record record;
    record.config = store_->PutBlob(config).value();
    record.manifest = store_->PutBlob(MakeManifest(spec, config, {layer})).value();
    layer_ = layer.info.blob;
    return LoadStoredImage(*store_.get(), record, {"docker.io/library/app:1"}).value();
  }
  std::string BlobFile(const Digest& digest) { return JoinPath(out_, BlobPath(digest)); }
  TestStore store_;
  std::string out_ = store_.directory() + "/out/oci";
  Digest layer_;
};

TEST_F(LayoutTest, FormerBlobsGoMissingOnesComeBack) {
  StoredImage first = Make("one");
  ASSERT_TRUE(WriteImageLayout(*store_.get(), first, out_).ok());
  std::string old = BlobFile(layer_);
  EXPECT_EQ(ReadFile(old).value(), "one");
  StoredImage second = Make("two");
  ASSERT_TRUE(WriteImageLayout(*store_.get(), second, out_).ok());
  EXPECT_FALSE(PathExists(old));
  for (const auto& [digest, size] : second.blobs)
    EXPECT_EQ(Sha256Of(ReadFile(BlobFile(digest)).value()), digest);
  EXPECT_EQ(second.blobs.size(), 3u);

  ASSERT_EQ(unlink(BlobFile(layer_).c_str()), 0);
  ASSERT_EQ(unlink((out_ + "/oci-layout").c_str()), 0);
  ASSERT_TRUE(WriteFileAtomic(BlobFile(second.config), "damaged").ok());
  ASSERT_TRUE(WriteFileAtomic(out_ + "/index.json", "").ok());
  ASSERT_TRUE(WriteImageLayout(*store_.get(), second, out_).ok());
  for (const auto& [digest, size] : second.blobs)
    EXPECT_EQ(Sha256Of(ReadFile(BlobFile(digest)).value()), digest);
  EXPECT_EQ(ReadFile(out_ + "/oci-layout").value(), R"({"imageLayoutVersion":"1.0.0"})");
  EXPECT_EQ(ReadFile(out_ + "/index.json").value(), MakeIndex(second.descriptor).value());
}

TEST_F(LayoutTest, ArchiveHoldsTheLayoutAndDockersManifest) {
  StoredImage image = Make("one");
  std::string path = store_.directory() + "/image.tar";
  ASSERT_TRUE(WriteImageArchive(*store_.get(), image, path).ok());
  TarCollector got;
  ASSERT_TRUE(ReadTar(ReadFile(path).value(), 1000, &got).ok());
  std::vector<std::string> names;
  for (const auto& member : got.members) names.push_back(member.header.name);
  ASSERT_EQ(names.size(), 8u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(names[6], "manifest.json");
  EXPECT_EQ(got.members[5].content, MakeIndex(image.descriptor).value());
}

TEST(AttestationTest, ManifestAndNames) {
  EXPECT_EQ(ImageUrl("localhost:5000/x/y:1", "linux/amd64"),
            "pkg:docker/localhost:5000/x/y@1?platform=linux%2Famd64");
  EXPECT_EQ(ImageUrl("docker.io/library/app:2", ""), "pkg:docker/app@2");
  ImageDescriptor image;
  image.manifest = Sha256Of("image");
  image.manifest_size = 5;
  Record statement;
  statement.manifest = Sha256Of("statement");
  statement.manifest_size = 9;
  statement.manifest_media_type = kSpdxPredicate;
  const std::string text = MakeAttestationManifest(image, {statement});
  const Json manifest = Parsed(text);
  EXPECT_EQ(manifest["subject"]["digest"], image.manifest.ToString());
  EXPECT_EQ(manifest["layers"][0]["annotations"]["in-toto.io/predicate-type"], kSpdxPredicate);
  EXPECT_EQ(AttestationDescriptor(image, text).manifest, Sha256Of(text));
  const Json made = Parsed(*MakeStatement(kSpdxPredicate, Json::object(), image.manifest, {}, ""));
  EXPECT_EQ(made["subject"][0]["name"], "_");
}

}  // namespace
}  // namespace kasane
