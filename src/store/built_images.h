// The images that builds in this store have made last: one entry for each build directory and image in it, so
// that people can name them. Nothing is built from an entry.
//
// Under the store's directory: images/<64 hex digits>.json
//   {"version":1,"record":"/home/me/app/.kasane/records/image.json","names":["docker.io/library/app:1"],
//    "manifest":"sha256:..","base":"sha256:..","deltas":["sha256:.."..]}
// of an index: "parts" (the entries of its images) instead of base and deltas; of such a part: "part":true.
// The file's name is the digest of `record`; its mtime is when the image was made. An entry whose manifest
// the store has no more is none.
#ifndef KASANE_SRC_STORE_BUILT_IMAGES_H_
#define KASANE_SRC_STORE_BUILT_IMAGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/store/store.h"

namespace kasane {

struct BuiltImage {
  std::string record;              // absolute path of the record that the build left
  std::vector<std::string> names;  // full references; may be empty
  Digest manifest;
  // The tree: a base image's, empty if there is none, and what the steps changed.
  Digest base;
  std::vector<Digest> deltas;
  bool part = false;               // of an index
  std::vector<std::string> parts;  // records; not empty: this is an index
  int64_t built = 0;               // seconds since 1970; ListBuiltImages sets it
};

absl::Status SaveBuiltImage(const Store& store, const BuiltImage& image);
// The entry of a record, by its absolute path. kNotFound: there is none any more.
absl::StatusOr<BuiltImage> ReadBuiltImage(const Store& store, const std::string& record);
// The newest first.
std::vector<BuiltImage> ListBuiltImages(const Store& store);
// Entries that are none any more.
absl::Status RemoveLostImages(const Store& store);

}  // namespace kasane

#endif  // KASANE_SRC_STORE_BUILT_IMAGES_H_
