// An image whose manifest and config are known: what gen needs of a base before any edge runs.
#ifndef KASANE_SRC_OCI_RESOLVED_IMAGE_H_
#define KASANE_SRC_OCI_RESOLVED_IMAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/contract/record.h"
#include "src/oci/reference.h"

namespace kasane {

struct ResolvedImage {
  Reference reference;            // as asked for
  Digest manifest;                // of the platform's manifest (not of an index)
  std::string source;             // PullSpec::source for its layers
  std::string config;             // the config document, byte for byte
  std::vector<LayerInfo> layers;  // bottom first
};

// One line of JSON, no final newline; what `gen-net resolve` prints:
//   {"version":1,"reference":"docker.io/library/golang:latest","manifest":"sha256:..","source":"..","config":"{..}",
//    "layers":[{"diff_id":"sha256:..","blob":"sha256:..","size":1,"media_type":".."}]}
// `config` is a string: the document byte for byte. Without `reference`: an image of a layout or an archive.
std::string EncodeResolvedImage(const ResolvedImage& image);
absl::StatusOr<ResolvedImage> DecodeResolvedImage(absl::string_view text, absl::string_view what);

// Seam between plan evaluation and the network (generator implements it over gen-net and a cache in .kasane).
class ImageResolver {
 public:
  virtual ~ImageResolver() = default;
  // kNotFound, kUnavailable, ...: the message is for the user ("docker.io/library/nosuch:latest: not found").
  virtual absl::StatusOr<ResolvedImage> Resolve(const Reference& reference, const Platform& platform) = 0;
  // An image of this machine, by its name (image_source.h, built_base.h). Its reference is empty.
  virtual absl::StatusOr<ResolvedImage> ResolveLocal(const std::string& name, const Platform& platform);
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_RESOLVED_IMAGE_H_
