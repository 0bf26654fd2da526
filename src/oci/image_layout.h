// An image on disk as others read it: an OCI image layout directory, and one tar for docker load, podman
// load, skopeo.
#ifndef KASANE_SRC_OCI_IMAGE_LAYOUT_H_
#define KASANE_SRC_OCI_IMAGE_LAYOUT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/contract/record.h"
#include "src/oci/image_config.h"
#include "src/store/store.h"

namespace kasane {

// An image, or an index of images, whose blobs are all in the store.
struct StoredImage {
  ImageDescriptor descriptor;
  bool is_index = false;
  Digest config;               // not of an index
  std::vector<Digest> layers;  // not of an index
  // Every blob once, sorted by digest, with its size: index, manifests, configs, layers.
  std::vector<std::pair<Digest, int64_t>> blobs;
};

// From the record of an image or index step. Manifests and configs are read from the store and checked.
absl::StatusOr<StoredImage> LoadStoredImage(const Store& store, const Record& record,
                                            const std::vector<std::string>& names);

// Makes `directory` the layout of this image: blobs are hard links to the store's files (copies where links
// cannot be, or where a blob is no file of its own there), then index.json and oci-layout, each atomically,
// then blobs that are not this image's are removed. So a reader sees the old image or the new one. What is
// right already stays as it is; what is missing or has another size is made again.
absl::Status WriteImageLayout(const Store& store, const StoredImage& image, const std::string& directory);

// The same as a tar: an OCI layout with, if it is no index, Docker's manifest.json in it. Members sorted by
// name, times and owners 0. Written beside `path`, then renamed.
absl::Status WriteImageArchive(const Store& store, const StoredImage& image, const std::string& path);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_IMAGE_LAYOUT_H_
