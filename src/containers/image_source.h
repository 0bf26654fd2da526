// An image that a build in this store has made, as containers and people's questions need it.
#ifndef KASANE_SRC_CONTAINERS_IMAGE_SOURCE_H_
#define KASANE_SRC_CONTAINERS_IMAGE_SOURCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/base/json.h"
#include "src/store/built_images.h"
#include "src/store/store.h"

namespace kasane {

// The image that `word` means: a name ("app", "registry/app:1"), a digest or its first hex digits (at least
// four), with or without "sha256:", an image of the workspace here; "": the one that the build in
// `directory` ("": this one) made last. Of an
// index, the image for this machine, unless `whole`. kNotFound, with a message for people.
absl::StatusOr<BuiltImage> FindBuiltImage(const Store& store, const std::string& word,
                                          const std::string& directory, bool whole = false);

// A name to show: the first of the image's, as people write it, else the first twelve digits of its digest.
std::string ShownName(const BuiltImage& image);

struct ImageDocuments {
  Json manifest, config;
  struct Layer {
    Digest digest;
    int64_t size = 0;  // compressed
  };
  std::vector<Layer> layers;  // bottom first
  int64_t size() const;       // of the layers
};
absl::StatusOr<ImageDocuments> ReadImageDocuments(const Store& store, const BuiltImage& image);

}  // namespace kasane

#endif  // KASANE_SRC_CONTAINERS_IMAGE_SOURCE_H_
