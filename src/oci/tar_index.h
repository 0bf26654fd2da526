// Where the members of an uncompressed tar lie, for archives of images: a few members, read in place. Layers
// are read by another reader, which streams and is strict about paths.
#ifndef KASANE_SRC_OCI_TAR_INDEX_H_
#define KASANE_SRC_OCI_TAR_INDEX_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/file.h"
#include "src/store/store.h"

namespace kasane {

class TarIndex {
 public:
  // Reads ustar, GNU long names and PAX path, linkpath and size. kInvalidArgument if it is not a tar
  // (compressed ones are named as such), kDataLoss if it is cut off.
  static absl::StatusOr<TarIndex> Open(const std::string& path);

  // A regular file's bytes, also through the links that `docker save` makes of repeated layers; kNotFound.
  absl::StatusOr<BlobRef> Find(absl::string_view name) const;

 private:
  class Collector;
  struct Member {
    int64_t offset = 0;
    int64_t size = 0;
    std::string link;  // cleaned, relative to the archive's root
  };
  std::string path_;
  std::shared_ptr<const UniqueFd> fd_;
  std::map<std::string, Member> members_;
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_TAR_INDEX_H_
