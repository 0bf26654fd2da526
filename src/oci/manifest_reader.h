// From any document that names an image (index, manifest, Docker's twins of both) to a ResolvedImage.
#ifndef KASANE_SRC_OCI_MANIFEST_READER_H_
#define KASANE_SRC_OCI_MANIFEST_READER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/base/json.h"
#include "src/oci/reference.h"
#include "src/oci/resolved_image.h"

namespace kasane {

// The `Accept` header of a manifest request: all types that ResolveManifest reads.
extern const char kManifestAccept[];

inline constexpr int64_t kMaxManifestSize = 16 << 20;  // bytes; also of configs

struct Descriptor {
  std::string media_type;
  Digest digest;
  int64_t size = 0;
  bool has_platform = false;
  Platform platform;
  std::string ref_name;  // annotation org.opencontainers.image.ref.name
};
absl::StatusOr<Descriptor> ParseDescriptor(const Json& json);
// The entries of an index whose descriptors are sound (others are of no use to us: unknown digest
// algorithms).
std::vector<Descriptor> IndexEntries(const Json& index);

// Reads a manifest (`is_manifest`) or a config. Size and digest are checked by the caller of the function.
using DocumentReader = std::function<absl::StatusOr<std::string>(const Descriptor&, bool is_manifest)>;

// `bytes` is a manifest or an index; of an index the best entry for `platform` is taken: the same variant
// before lower ones (arm/v7 takes arm/v6), the first in the index where several fit. A plain manifest is
// taken whatever its platform, as in BuildKit. `media_type`: as the registry says, or empty. `reference` and
// `source` of the result are empty. Messages do not name the image.
absl::StatusOr<ResolvedImage> ResolveManifest(absl::string_view bytes, absl::string_view media_type,
                                              const Platform& platform, const DocumentReader& read);

// The entry of an index that ResolveManifest takes.
absl::StatusOr<Descriptor> ChoosePlatform(const std::vector<Descriptor>& entries, const Platform& platform,
                                          const DocumentReader& read);

// rootfs.diff_ids of a config document.
absl::StatusOr<std::vector<Digest>> ConfigDiffIds(const Json& config);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_MANIFEST_READER_H_
