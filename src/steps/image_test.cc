// The steps layer, image and archive on records made by hand.
#include "src/steps/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/contract/record.h"
#include "src/oci/image_config.h"
#include "src/steps/archive.h"
#include "src/steps/layer.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

using ::testing::StartsWith;

class ImageStepsTest : public testing::Test {
 protected:
  ImageStepsTest() {
    std::string pattern = absl::StrCat(testing::TempDir(), "/kasane-image-XXXXXX");
    root_ = mkdtemp(pattern.data());
    store_ = Store::Open(root_ + "/store").value();
    dir_ = root_ + "/.kasane";
    EXPECT_TRUE(MakeDirs(dir_).ok());
  }
  ~ImageStepsTest() override {
    store_.reset();
    RemoveTree(root_).IgnoreError();
  }

  std::string Path(const std::string& name) { return JoinPath(dir_, name); }
  StepContext Context(const std::string& out, const std::vector<std::string>& below,
                      const std::vector<std::string>& source) {
    StepContext context;
    context.args.dir = dir_;
    context.args.out = Path(out);
    for (const std::string& r : below) context.args.below.push_back(Path(r));
    for (const std::string& r : source) context.args.source.push_back(Path(r));
    context.store = store_.get();
    return context;
  }
  // The record of a step that made these entries.
  void Step(const std::string& out, std::vector<DeltaEntry> entries, const std::string& created) {
    Record record;
    record.kind = "run";
    record.created = created;
    record.delta = SaveDelta(store_.get(), Delta::FromEntries(std::move(entries)).value()).value();
    ASSERT_TRUE(WriteRecord(Path(out), record).ok());
  }
  DeltaEntry Directory(const std::string& path, uint32_t mode, bool implied = false) {
    DeltaEntry e;
    e.path = path;
    e.entry.type = EntryType::kDirectory;
    e.entry.mode = mode;
    e.implied = implied;
    return e;
  }
  DeltaEntry File(const std::string& path, const std::string& content, int64_t seconds,
                  uint32_t nanoseconds = 0) {
    DeltaEntry e;
    e.path = path;
    e.entry.mode = 0644;
    e.entry.mtime = {seconds, nanoseconds};
    e.entry.size = content.size();
    e.entry.content = store_->PutBlob(content).value();
    return e;
  }
  std::string Layer(const std::string& out, std::vector<std::string> below, const std::string& source,
                    const LayerSpec& spec = {}) {
    absl::StatusOr<StepOutcome> outcome = RunLayerStep(spec, Context(out, std::move(below), {source}));
    return outcome.ok() ? outcome->line : outcome.status().ToString();
  }

  std::string root_, dir_;
  std::unique_ptr<Store> store_;
};

TEST_F(ImageStepsTest, LayerHitsWhereTheTarIsTheSame) {
  Step("below", {Directory("d", 0711)}, "T");
  Step("a", {Directory("d", 0700, /*implied=*/true), File("d/f", "x", 5, 1)}, "T");
  Step("b", {Directory("d", 0755, /*implied=*/true), File("d/f", "x", 5, 2)}, "T");
  EXPECT_THAT(Layer("la", {"below"}, "a"), StartsWith("ran layer "));
  EXPECT_THAT(Layer("lb", {"below"}, "b"), StartsWith("hit layer "));  // other nanoseconds, other stale modes
  EXPECT_EQ(ReadFile(Path("la")).value(), ReadFile(Path("lb")).value());

  Step("below", {Directory("d", 0755)}, "T");  // the implied directory changes
  EXPECT_THAT(Layer("lc", {"below"}, "a"), StartsWith("ran layer "));
  LayerSpec zstd;
  zstd.compression = "zstd";
  EXPECT_THAT(Layer("ld", {"below"}, "a", zstd), StartsWith("ran layer "));
  EXPECT_EQ(ReadRecord(Path("lc"))->layers[0].diff_id, ReadRecord(Path("ld"))->layers[0].diff_id);
  EXPECT_EQ(ReadRecord(Path("ld"))->layers[0].media_type, "application/vnd.oci.image.layer.v1.tar+zstd");
}

TEST_F(ImageStepsTest, LayerUnderAnEpochForgetsTimes) {
  LayerSpec epoch;
  epoch.epoch = 0;
  Step("a", {File("f", "x", 5)}, "T");
  Step("b", {File("f", "x", 6)}, "T");
  EXPECT_THAT(Layer("la", {}, "a", epoch), StartsWith("ran layer "));
  EXPECT_THAT(Layer("lb", {}, "b", epoch), StartsWith("hit layer "));
}

TEST_F(ImageStepsTest, LayerIsMadeAgainIfItsBlobIsGone) {
  Step("a", {File("f", "x", 5)}, "T");
  Layer("la", {}, "a");
  Digest blob = ReadRecord(Path("la"))->layers[0].blob;
  ASSERT_EQ(unlink(store_->LooseBlobPath(blob).value().c_str()), 0);
  EXPECT_THAT(Layer("la", {}, "a"), StartsWith("ran layer "));
  EXPECT_TRUE(store_->HasBlob(blob));
}

TEST_F(ImageStepsTest, ImageAndArchive) {
  Step("a", {File("f", "x", 5)}, "2026-01-01T00:00:01Z");
  Step("b", {File("g", "y", 5)}, "2026-01-01T00:00:02Z");
  Layer("la", {}, "a");
  Layer("lb", {"a"}, "b");
  Record base;
  base.kind = "base";
  base.layers.push_back({Sha256Of("base tar"), store_->PutBlob("base layer").value(), 10,
                         "application/vnd.docker.image.rootfs.diff.tar.gzip"});
  ASSERT_TRUE(WriteRecord(Path("base"), base).ok());
  ImageSpec spec;
  spec.config = ParseJson(R"({"architecture":"amd64","os":"linux","config":{"Cmd":["x"]}})", "").value();
  spec.history = {{"ADD", "", "", -1}, {"RUN a", "", "", 0}, {"RUN b", "", "", 1}};
  spec.config["history"] =
      ParseJson(R"([{"created":"2025-01-01T00:00:00Z","created_by":"base"}])", "").value();
  spec.has_base = true;
  spec.steps = 2;
  spec.names = {"docker.io/library/app:1"};
  StepContext context = Context("image", {}, {"base", "la", "a", "lb", "b"});
  absl::StatusOr<StepOutcome> outcome = RunImageStep(spec, context);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  Record record = ReadRecord(Path("image")).value();
  EXPECT_EQ(outcome->line, "ran image " + record.manifest.ToString());
  EXPECT_EQ(record.kind, "image");
  std::string layout = Path("out/oci");
  std::string config = ReadFile(JoinPath(layout, BlobPath(record.config))).value();
  EXPECT_EQ(Sha256Of(config), record.config);
  EXPECT_EQ(JsonString(ParseJson(config, "").value(), "created"), "2026-01-01T00:00:02Z");
  Json manifest = ParseJson(ReadFile(JoinPath(layout, BlobPath(record.manifest))).value(), "").value();
  EXPECT_EQ(manifest["layers"].size(), 3u);
  for (const Json& layer : manifest["layers"]) {
    EXPECT_EQ(JsonString(layer, "mediaType"), "application/vnd.oci.image.layer.v1.tar+gzip");
  }

  ArchiveSpec archive;
  archive.names = spec.names;
  outcome = RunArchiveStep(archive, Context("archive", {}, {"image"}));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(PathExists(Path("out/image.tar")));
  EXPECT_EQ(ReadRecord(Path("archive"))->manifest, record.manifest);

  context.args.source.pop_back();
  EXPECT_FALSE(RunImageStep(spec, context).ok());
}

TEST_F(ImageStepsTest, IndexOfTwoImages) {
  for (const std::string arch : {"amd64", "arm64"}) {
    Step("s" + arch, {File("f", arch, 5)}, "2026-01-01T00:00:01Z");
    Layer("l" + arch, {}, "s" + arch);
    ImageSpec spec;
    spec.config = ParseJson(R"({"architecture":")" + arch + R"(","os":"linux","config":{}})", "").value();
    spec.history = {{"COPY", "", "", 0}};
    spec.steps = 1;
    spec.part = true;
    ASSERT_TRUE(RunImageStep(spec, Context("i" + arch, {}, {"l" + arch, "s" + arch})).ok());
  }
  EXPECT_FALSE(PathExists(Path("out/oci")));
  IndexSpec spec;
  spec.parts = {{{{"e", "f"}}}, {}};
  spec.names = {"docker.io/library/app:1"};
  spec.annotations = {{"a", "b"}};
  spec.descriptor_annotations = {{"c", "d"}};
  const absl::StatusOr<StepOutcome> outcome = RunIndexStep(spec, Context("index", {}, {"iamd64", "iarm64"}));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  const Record record = ReadRecord(Path("index")).value();
  EXPECT_EQ(outcome->line, "ran index " + record.manifest.ToString());
  EXPECT_EQ(record.manifest_media_type, kOciIndexType);
  const std::string layout = Path("out/oci");
  const std::string text = ReadFile(JoinPath(layout, BlobPath(record.manifest))).value();
  EXPECT_EQ(static_cast<int64_t>(text.size()), record.manifest_size);
  const Json index = ParseJson(text, "").value();
  EXPECT_EQ(DumpJson(index["annotations"]), R"({"a":"b"})");
  EXPECT_EQ(DumpJson(index["manifests"][0]["annotations"]), R"({"e":"f"})");
  EXPECT_EQ(DumpJson(index["manifests"][1]["platform"]), R"({"architecture":"arm64","os":"linux"})");
  for (const Json& item : index["manifests"]) {
    EXPECT_TRUE(PathExists(JoinPath(layout, BlobPath(Digest::Parse(JsonString(item, "digest")).value()))));
  }
  const Json top = ParseJson(ReadFile(layout + "/index.json").value(), "").value();
  ASSERT_EQ(top["manifests"].size(), 1u);
  EXPECT_EQ(JsonString(top["manifests"][0], "mediaType"), kOciIndexType);
  EXPECT_EQ(
      DumpJson(top["manifests"][0]["annotations"]),
      R"({"c":"d","io.containerd.image.name":"docker.io/library/app:1","org.opencontainers.image.ref.name":"1"})");

  ASSERT_TRUE(RunArchiveStep(ArchiveSpec{spec.names, {{"c", "d"}}}, Context("archive", {}, {"index"})).ok());
  EXPECT_EQ(ReadRecord(Path("archive"))->manifest, record.manifest);
  EXPECT_FALSE(RunIndexStep(spec, Context("index", {}, {"iamd64"})).ok());
}

}  // namespace
}  // namespace kasane
