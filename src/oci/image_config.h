// The documents of an image: config, manifest, index. All compact JSON, keys in the order in which Go's
// encoder writes BuildKit's, with its escapes, so that equal content has equal bytes and digests.
#ifndef KASANE_SRC_OCI_IMAGE_CONFIG_H_
#define KASANE_SRC_OCI_IMAGE_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/base/json.h"
#include "src/contract/record.h"
#include "src/contract/spec.h"

namespace kasane {

inline constexpr char kOciIndexType[] = "application/vnd.oci.image.index.v1+json";
inline constexpr char kOciManifestType[] = "application/vnd.oci.image.manifest.v1+json";
inline constexpr char kOciConfigType[] = "application/vnd.oci.image.config.v1+json";

// As DumpJson, with '&', '<', '>' and the line separators U+2028 and U+2029 escaped.
std::string DumpGoJson(const Json& json);

// The Docker media type of a layer as its OCI twin; OCI types, and what is not known, stay.
std::string OciLayerType(absl::string_view media_type);

struct ImageLayer {
  LayerInfo info;
  std::string created;  // RFC 3339; empty: not known (layers of a base)
};

// The config document of ImageSpec: `rootfs` from `layers` (bottom first, the base's included), `history`
// with times, `created`. As BuildKit does it: an entry that made a layer has the layer's time; one without a
// time takes that of the first new layer, later ones that of the nearest layer before; `created` is the last
// entry's. With an epoch every time but those of the base's own entries is the epoch. Layers that no entry
// accounts for get one at the end; where more entries claim a layer than there are layers, the last ones are
// marked empty.
absl::StatusOr<std::string> FinishConfig(const ImageSpec& spec, const std::vector<ImageLayer>& layers);

// `config` is the document that FinishConfig gave. All types are OCI ones, also those of layers of a Docker
// base.
std::string MakeManifest(const ImageSpec& spec, absl::string_view config,
                         const std::vector<ImageLayer>& layers);

// What an index, a layout and an archive say of an image.
struct ImageDescriptor {
  std::string media_type = kOciManifestType;  // or kOciIndexType
  Digest manifest;                            // or the index
  int64_t manifest_size = 0;
  Json platform;  // object: architecture, os, and what else the config says of it; not of an index
  std::vector<std::string> names;      // full references; may be empty
  IndexSpec::Annotations annotations;  // of the descriptor
};
// The platform of a config document, as a descriptor has it.
Json PlatformOf(const Json& config);

// The index of images of several platforms, in the order of `parts`, which have no names.
std::string MakeImageIndex(const IndexSpec& spec, const std::vector<ImageDescriptor>& parts);

// index.json of a layout: the manifest once for each name (annotations io.containerd.image.name: the full
// reference, and org.opencontainers.image.ref.name: its tag), or once without a name.
absl::StatusOr<std::string> MakeIndex(const ImageDescriptor& image);

// manifest.json, for docker load: the same blobs as in the OCI layout beside it; tags in familiar form.
absl::StatusOr<std::string> MakeDockerManifest(const Digest& config, const std::vector<Digest>& layers,
                                               const std::vector<std::string>& names);

// "blobs/sha256/<hex>"
std::string BlobPath(const Digest& digest);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_IMAGE_CONFIG_H_
