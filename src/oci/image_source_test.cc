#include "src/oci/image_source.h"

#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "src/base/file.h"

namespace kasane {
namespace {

constexpr char kLayer[] = "not really a tar";

// One ustar member; `type` '2' is a symlink to `content`.
std::string Member(const std::string& name, const std::string& content, char type = '0') {
  std::string block(512, '\0');
  const bool link = type == '2';
  name.copy(block.data(), 100);
  std::memcpy(&block[100], "0000644", 7);
  std::memcpy(&block[108], "0000000", 7);
  std::memcpy(&block[116], "0000000", 7);
  absl::StrFormat("%011o", link ? 0 : content.size()).copy(&block[124], 11);
  std::memcpy(&block[136], "00000000000", 11);
  block[156] = type;
  if (link) content.copy(&block[157], 100);
  std::memcpy(&block[257], "ustar\00000", 8);
  std::memset(&block[148], ' ', 8);
  unsigned sum = 0;
  for (unsigned char c : block) sum += c;
  absl::StrFormat("%06o", sum).copy(&block[148], 6);
  block[154] = '\0';
  return link ? block : block + content + std::string((512 - content.size() % 512) % 512, '\0');
}

std::string Descriptor(const std::string& bytes, const std::string& type, const std::string& more = "") {
  return absl::StrCat("{\"mediaType\":\"", type, "\",\"digest\":\"", Sha256Of(bytes).ToString(),
                      "\",\"size\":", bytes.size(), more, "}");
}

class ImageSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = absl::StrCat(std::getenv("TEST_TMPDIR"), "/",
                         testing::UnitTest::GetInstance()->current_test_info()->name());
    ASSERT_TRUE(MakeDirs(root_).ok());
    config_ = absl::StrCat(R"({"architecture":"amd64","os":"linux","rootfs":{"diff_ids":[")",
                           Sha256Of(kLayer).ToString(), "\"]}}");
    manifest_ = absl::StrCat(
        R"({"schemaVersion":2,"config":)", Descriptor(config_, "application/vnd.oci.image.config.v1+json"),
        R"(,"layers":[)", Descriptor(kLayer, "application/vnd.oci.image.layer.v1.tar"), "]}");
  }
  std::string Index(const std::vector<std::string>& names) {
    std::string entries;
    for (const std::string& name : names) {
      const std::string annotation =
          name.empty()
              ? ""
              : absl::StrCat(R"(,"annotations":{"org.opencontainers.image.ref.name":")", name, "\"}");
      absl::StrAppend(&entries, entries.empty() ? "" : ",",
                      Descriptor(manifest_, "application/vnd.oci.image.manifest.v1+json", annotation));
    }
    return absl::StrCat(R"({"schemaVersion":2,"manifests":[)", entries, "]}");
  }
  std::string Blob(const std::string& bytes) { return "blobs/sha256/" + Sha256Of(bytes).ToHex(); }
  void WriteLayout(const std::string& directory, const std::vector<std::string>& names) {
    ASSERT_TRUE(MakeDirs(directory + "/blobs/sha256").ok());
    ASSERT_TRUE(WriteFileAtomic(directory + "/index.json", Index(names)).ok());
    for (const std::string& bytes : {config_, manifest_, std::string(kLayer)}) {
      ASSERT_TRUE(WriteFileAtomic(directory + "/" + Blob(bytes), bytes).ok());
    }
  }
  // The source of the result, or the message.
  std::string Resolve(const std::string& name) {
    auto image = ResolveLocalImage(name, Platform());
    if (!image.ok()) return std::string(image.status().message());
    last_ = *image;
    EXPECT_EQ(image->config, config_);
    return image->source;
  }
  // The only layer's bytes.
  std::string Layer() {
    PullSpec spec;
    spec.source = last_.source;
    spec.blob = last_.layers[0].blob;
    spec.diff_id = last_.layers[0].diff_id;
    auto blob = OpenLocalLayer(spec);
    if (!blob.ok()) return std::string(blob.status().message());
    std::string out(static_cast<size_t>(blob->size), '\0');
    EXPECT_TRUE(PReadExactly(blob->fd->get(), out.data(), out.size(), blob->offset, "layer").ok());
    return out;
  }

  std::string root_, config_, manifest_;
  ResolvedImage last_;
};

TEST_F(ImageSourceTest, Layout) {
  const std::string path = root_ + "/lay:out";
  WriteLayout(path, {"v1"});
  EXPECT_EQ(Resolve("oci-layout:" + path), "oci-layout:" + path);
  EXPECT_EQ(last_.manifest, Sha256Of(manifest_));
  EXPECT_EQ(Layer(), kLayer);
  EXPECT_EQ(Resolve("oci:" + path + ":v1"), "oci-layout:" + path);
  EXPECT_EQ(Resolve("oci-layout:/" + path + ":v1"), "oci-layout:" + path);  // oci-layout://...
  EXPECT_EQ(Resolve("oci-layout:" + path + "@" + Sha256Of(manifest_).ToString()), "oci-layout:" + path);
  EXPECT_EQ(Resolve("oci-layout:" + path + ":v2"),
            "oci-layout:" + path + ":v2: no image called v2 (it has v1)");
  EXPECT_EQ(Resolve("oci-layout:/no/where:v2"), "oci-layout:/no/where:v2: /no/where does not exist");
}

TEST_F(ImageSourceTest, SeveralImages) {
  const std::string path = root_ + "/layout";
  WriteLayout(path, {"v1", "v2"});
  EXPECT_EQ(Resolve("oci-layout:" + path),
            "oci-layout:" + path + ": it holds several images (v1, v2); append :NAME to choose one");
  WriteLayout(path, {"v1", "docker.io/library/app:latest"});
  EXPECT_EQ(Resolve("oci-layout:" + path), "oci-layout:" + path);
  EXPECT_EQ(Resolve("oci-layout:" + path + ":app"), "oci-layout:" + path);
  WriteLayout(path, {"", ""});
  EXPECT_EQ(Resolve("oci-layout:" + path), "oci-layout:" + path);
  WriteLayout(path, {});
  EXPECT_EQ(Resolve("oci-layout:" + path), "oci-layout:" + path + ": it holds no image");
}

TEST_F(ImageSourceTest, OciArchive) {
  const std::string path = root_ + "/image.tar";
  std::string tar = Member("oci-layout", "{}") + Member("index.json", Index({"v1"}));
  for (const std::string& bytes : {config_, manifest_, std::string(kLayer)})
    tar += Member("./" + Blob(bytes), bytes);
  ASSERT_TRUE(WriteFileAtomic(path, tar + std::string(1024, '\0')).ok());
  EXPECT_EQ(Resolve("oci-archive:" + path + ":v1"), "archive:" + path);
  EXPECT_EQ(Layer(), kLayer);
  EXPECT_EQ(Resolve("archive:" + path), "archive:" + path);
}

TEST_F(ImageSourceTest, DockerArchive) {
  const std::string path = root_ + "/image.tar";
  const std::string tar =
      Member("a/layer.tar", kLayer) + Member("b/layer.tar", "../a/layer.tar", '2') +
      Member("c.json", config_) +
      Member("manifest.json", R"([{"Config":"c.json","RepoTags":["x:1"],"Layers":["b/layer.tar"]}])");
  ASSERT_TRUE(WriteFileAtomic(path, tar).ok());
  EXPECT_EQ(Resolve("docker-archive:" + path), "archive:" + path);
  EXPECT_EQ(last_.manifest, Sha256Of(config_));
  EXPECT_EQ(last_.layers[0].blob, Sha256Of(kLayer));
  EXPECT_EQ(last_.layers[0].media_type, "application/vnd.oci.image.layer.v1.tar");
  EXPECT_EQ(Layer(), kLayer);
  EXPECT_EQ(Resolve("docker-archive:" + path + ":docker.io/library/x:1"), "archive:" + path);
  EXPECT_EQ(Resolve("docker-archive:" + path + ":y"),
            "docker-archive:" + path + ":y: no image called y (it has x:1)");
}

TEST_F(ImageSourceTest, DamagedArchives) {
  const std::string path = root_ + "/image.tar";
  const auto message = [&](const std::string& bytes) {
    EXPECT_TRUE(WriteFileAtomic(path, bytes).ok());
    const std::string text = Resolve("archive:" + path), start = "archive:" + path + ": ";
    EXPECT_EQ(text.substr(0, start.size()), start);
    return text.substr(start.size());
  };
  EXPECT_EQ(message("\x1f\x8b and more"), path + " is compressed; unpack it to a plain tar first");
  EXPECT_EQ(message(""), path + " is not a tar archive");
  EXPECT_NE(message(std::string(600, 'x')), "");
  EXPECT_NE(message(Member("index.json", std::string(100000, ' ')).substr(0, 5000)), "");
  EXPECT_EQ(message(Member("x", "y")), path + " has no manifest.json");
  EXPECT_NE(
      message(Member("a", "a", '2') + Member("manifest.json", "b", '2') + Member("b", "manifest.json", '2')),
      "");
}

TEST(IsLocalImage, Prefixes) {
  EXPECT_TRUE(IsLocalImage("oci-layout:x"));
  EXPECT_TRUE(IsLocalImage("archive:/x"));
  EXPECT_FALSE(IsLocalImage("docker.io/library/oci"));
}

}  // namespace
}  // namespace kasane
