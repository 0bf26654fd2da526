#include "src/oci/manifest_reader.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace kasane {
namespace {

constexpr char kOciManifest[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kOciIndex[] = "application/vnd.oci.image.index.v1+json";

class ManifestReaderTest : public testing::Test {
 protected:
  std::string Add(const std::string& bytes) {
    std::string digest = Sha256Of(bytes).ToString();
    documents_[digest] = bytes;
    return digest;
  }
  static std::string Entry(const std::string& bytes, const std::string& type, const std::string& more = "") {
    return absl::StrCat("{\"mediaType\":\"", type, "\",\"digest\":\"", Sha256Of(bytes).ToString(),
                        "\",\"size\":", bytes.size(), more, "}");
  }
  // An image of one layer for an architecture; its manifest.
  std::string Image(const std::string& architecture, const std::string& variant = "") {
    const std::string config =
        absl::StrCat("{\"os\":\"linux\",\"architecture\":\"", architecture, "\",\"variant\":\"", variant,
                     "\",\"rootfs\":{\"diff_ids\":[\"", Sha256Of("t").ToString(), "\"]}}");
    Add(config);
    std::string manifest = absl::StrCat(
        "{\"schemaVersion\":2,\"config\":", Entry(config, "application/vnd.oci.image.config.v1+json"),
        ",\"layers\":[", Entry("layer", "application/vnd.oci.image.layer.v1.tar+gzip"), "]}");
    Add(manifest);
    return manifest;
  }
  std::string Index(const std::string& entries) {
    return absl::StrCat("{\"schemaVersion\":2,\"mediaType\":\"", kOciIndex, "\",\"manifests\":[", entries,
                        "]}");
  }
  // The digest of the manifest that was chosen, or the message.
  std::string Resolve(const std::string& bytes, const std::string& type = "",
                      const std::string& platform = "linux/amd64") {
    auto image = ResolveManifest(bytes, type, *ParsePlatform(platform),
                                 [&](const Descriptor& d, bool) -> absl::StatusOr<std::string> {
                                   auto found = documents_.find(d.digest.ToString());
                                   if (found == documents_.end()) return absl::NotFoundError("not found");
                                   return found->second;
                                 });
    return image.ok() ? image->manifest.ToString() : std::string(image.status().message());
  }

  std::map<std::string, std::string> documents_;
};

TEST_F(ManifestReaderTest, PlainManifest) {
  const std::string manifest = Image("arm64");
  const std::string digest = Sha256Of(manifest).ToString();
  EXPECT_EQ(Resolve(manifest), digest);
  EXPECT_EQ(Resolve(manifest, "application/vnd.oci.image.manifest.v1+json; charset=utf-8"), digest);
  EXPECT_EQ(Resolve(manifest, "text/plain"), digest);
}

TEST_F(ManifestReaderTest, Platforms) {
  const std::string amd = Image("amd64"), v6 = Image("arm", "v6"), v5 = Image("arm", "v5"),
                    arm64 = Image("arm64", "v8");
  const auto platform = [](const std::string& text) {
    return absl::StrCat(",\"platform\":{\"os\":\"linux\",", text, "}");
  };
  const std::string index = Index(absl::StrCat(
      Entry(amd, kOciManifest, ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}"), ",",
      Entry(v5, kOciManifest, platform("\"architecture\":\"arm\",\"variant\":\"v5\"")), ",",
      Entry(v6, kOciManifest, platform("\"architecture\":\"arm\",\"variant\":\"v6\"")), ",",
      Entry(arm64, kOciManifest, platform("\"architecture\":\"arm64\",\"variant\":\"v8\"")), ",",
      Entry(amd, kOciManifest), ",{\"digest\":\"sha512:00\"}"));  // without a platform: its config tells
  EXPECT_EQ(Resolve(index, "", "linux/amd64"), Sha256Of(amd).ToString());
  EXPECT_EQ(Resolve(index, "", "linux/amd64/v3"), Sha256Of(amd).ToString());
  EXPECT_EQ(Resolve(index, "", "linux/arm/v7"), Sha256Of(v6).ToString());
  EXPECT_EQ(Resolve(index, "", "linux/arm/v5"), Sha256Of(v5).ToString());
  EXPECT_EQ(Resolve(index, "", "linux/arm64"), Sha256Of(arm64).ToString());
  EXPECT_EQ(Resolve(index, "", "linux/s390x"),
            "no image for linux/s390x (it has linux/arm/v5, linux/arm/v6, linux/arm64, linux/amd64)");
  EXPECT_EQ(Resolve(index, "", "windows/amd64").substr(0, 26), "no image for windows/amd64");
}

TEST_F(ManifestReaderTest, NestedIndexes) {
  std::string index = Image("amd64");
  for (int i = 0; i < 3; ++i) {
    index = Index(Entry(index, i == 0 ? kOciManifest : kOciIndex));
    Add(index);
  }
  EXPECT_EQ(Resolve(index), Sha256Of(Image("amd64")).ToString());
  for (int i = 0; i < 3; ++i) {
    index = Index(Entry(index, kOciIndex));
    Add(index);
  }
  EXPECT_EQ(Resolve(index), "its indexes are nested too deep");
}

TEST_F(ManifestReaderTest, Refuses) {
  EXPECT_EQ(Resolve("[]"), "not a container image (unknown type)");
  EXPECT_EQ(Resolve("{\"schemaVersion\":1}"),
            "its manifest is of Docker's schema 1, which is no longer supported");
  EXPECT_EQ(Resolve("{\"manifests\":[],\"layers\":[]}"),
            "its manifest is ambiguous: both an index and an image");
  EXPECT_EQ(Resolve(Index(""), kOciManifest),
            absl::StrCat("its manifest says ", kOciIndex, ", the registry ", kOciManifest));
  EXPECT_EQ(Resolve(Index("")), "no image for linux/amd64");
  EXPECT_NE(Resolve("{"), "");
  std::string manifest = Image("amd64");
  documents_.clear();
  EXPECT_EQ(Resolve(manifest), "not found");
  const std::string other =
      "{\"config\":" + Entry("{}", "application/vnd.oci.empty.v1+json") + ",\"layers\":[]}";
  Add("{}");
  EXPECT_EQ(Resolve(other), "not a container image (config of type application/vnd.oci.empty.v1+json)");
}

TEST_F(ManifestReaderTest, DigestsAndSizesAreChecked) {
  const std::string manifest = Image("amd64");
  for (auto& [digest, bytes] : documents_) {
    if (digest != Sha256Of(manifest).ToString()) bytes[2] ^= 1;
  }
  EXPECT_EQ(Resolve(manifest).substr(0, 22), "wrong digest: expected");
  for (auto& [digest, bytes] : documents_) bytes += " ";
  EXPECT_NE(Resolve(manifest).find("its descriptor says"), std::string::npos);
}

TEST_F(ManifestReaderTest, LayersMatchTheConfig) {
  const std::string config = "{\"rootfs\":{\"diff_ids\":[]}}";
  Add(config);
  EXPECT_EQ(
      Resolve(absl::StrCat("{\"config\":", Entry(config, "application/vnd.oci.image.config.v1+json"),
                           ",\"layers\":[", Entry("layer", "application/vnd.oci.image.layer.v1.tar"), "]}")),
      "the manifest has 1 layers, its config 0 diff_ids");
}

}  // namespace
}  // namespace kasane
