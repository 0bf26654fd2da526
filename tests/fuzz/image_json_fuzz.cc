// The documents of an image, each on from a line "--": a manifest or an index, then what it names. The fuzzer
// cannot guess digests, so the member "&N":0 stands for digest and size of the Nth document after. What
// resolves is a sound image, and the documents that we write of it resolve to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "src/oci/image_config.h"
#include "src/oci/manifest_reader.h"
#include "src/oci/resolved_image.h"

namespace {

using kasane::Descriptor;
using kasane::Digest;
using kasane::ImageLayer;
using kasane::ImageSpec;
using kasane::ResolvedImage;

constexpr size_t kMaxDocuments = 8;

void Check(bool holds) {
  if (!holds) abort();
}

// The first document; all of them by digest in `documents`.
std::string FillIn(absl::string_view input, std::map<Digest, std::string>* documents) {
  std::vector<std::string> texts = absl::StrSplit(input, absl::MaxSplits("\n--\n", kMaxDocuments - 1));
  std::vector<std::pair<std::string, std::string>> references;
  for (size_t i = texts.size(); i-- > 0;) {
    std::vector<std::pair<std::string, std::string>> nearer;
    for (size_t n = 0; n < references.size(); ++n) {
      nearer.emplace_back(absl::StrCat("\"&", n + 1, "\":0"), references[references.size() - 1 - n].second);
    }
    texts[i] = absl::StrReplaceAll(texts[i], nearer);
    const Digest digest = kasane::Sha256Of(texts[i]);
    references.emplace_back(
        "", absl::StrCat("\"digest\":\"", digest.ToString(), "\",\"size\":", texts[i].size()));
    (*documents)[digest] = texts[i];
  }
  return texts[0];
}

std::string Finish(const ImageSpec& spec, const std::vector<ImageLayer>& layers) {
  const auto config = kasane::FinishConfig(spec, layers);
  Check(config.ok());
  return *config;
}

// Documents of our own for an image with the same layers and nothing new.
void CheckWriters(const ResolvedImage& image, const kasane::Platform& platform) {
  std::vector<ImageLayer> layers;
  for (const kasane::LayerInfo& info : image.layers) layers.push_back({info, ""});
  ImageSpec spec;
  spec.config = *kasane::ParseJson(image.config, "config");
  const std::string config = Finish(spec, layers);
  spec.config = *kasane::ParseJson(config, "config");
  Check(Finish(spec, layers) == config);

  const std::string manifest = kasane::MakeManifest(spec, config, layers);
  const auto read = [&](const Descriptor& d, bool is_manifest) -> absl::StatusOr<std::string> {
    Check(d.digest == kasane::Sha256Of(is_manifest ? manifest : config));
    return is_manifest ? manifest : config;
  };
  const auto again = kasane::ResolveManifest(manifest, kasane::kOciManifestType, platform, read);
  Check(again.ok() && again->config == config && again->layers.size() == layers.size());
  for (size_t i = 0; i < layers.size(); ++i) {
    Check(again->layers[i].diff_id == layers[i].info.diff_id);
    Check(again->layers[i].blob == layers[i].info.blob && again->layers[i].size == layers[i].info.size);
  }
  kasane::ImageDescriptor descriptor;
  descriptor.manifest = again->manifest;
  descriptor.manifest_size = static_cast<int64_t>(manifest.size());
  descriptor.platform = kasane::PlatformOf(spec.config);
  descriptor.names = {"docker.io/library/app:latest"};
  const auto index = kasane::MakeIndex(descriptor);
  Check(index.ok());
  const auto entries = kasane::IndexEntries(*kasane::ParseJson(*index, "index"));
  Check(entries.size() == 1 && entries[0].digest == again->manifest);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  std::map<Digest, std::string> documents;
  const std::string first = FillIn(input, &documents);
  const auto read = [&](const Descriptor& d, bool) -> absl::StatusOr<std::string> {
    const auto found = documents.find(d.digest);
    if (found == documents.end()) return absl::NotFoundError("not found");
    return found->second;
  };
  const kasane::Platform platform{"linux", "amd64", ""};
  const auto image = kasane::ResolveManifest(first, "", platform, read);
  if (image.ok()) {
    const std::string line = kasane::EncodeResolvedImage(*image);
    const auto again = kasane::DecodeResolvedImage(line, "image");
    Check(again.ok() && kasane::EncodeResolvedImage(*again) == line);
    CheckWriters(*image, platform);
  }
  (void)kasane::DecodeResolvedImage(first, "image");
  return 0;
}
