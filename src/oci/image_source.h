// Base images that need no network: OCI layout directories and the archives that `docker save`, `skopeo copy`
// and `podman save` write. Names, all paths relative to the working directory:
//   oci-layout:PATH[:TAG]  oci-layout:PATH@sha256:..     also oci:PATH[:TAG]
//   oci-archive:PATH[:TAG]  docker-archive:PATH[:NAME]   also archive:PATH[:TAG] for both
// Without TAG: the only image, or the one called latest, or the platform's where none has a name.
#ifndef KASANE_SRC_OCI_IMAGE_SOURCE_H_
#define KASANE_SRC_OCI_IMAGE_SOURCE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/contract/spec.h"
#include "src/oci/reference.h"
#include "src/oci/resolved_image.h"
#include "src/store/store.h"

namespace kasane {

// True if `name` (a reference as written, or PullSpec::source) has one of the prefixes above.
bool IsLocalImage(absl::string_view name);

// `source` of the result is "oci-layout:<absolute path>" or "archive:<absolute path>"; `reference` is empty.
// A docker archive has no manifest: there `manifest` is the config's digest. kNotFound, kInvalidArgument,
// kDataLoss with a message for the user that begins with `name`.
absl::StatusOr<ResolvedImage> ResolveLocalImage(absl::string_view name, const Platform& platform);

// The bytes of the blob that `spec`, made from a ResolvedImage of above, wants; not verified (LayerIngest
// does that).
absl::StatusOr<BlobRef> OpenLocalLayer(const PullSpec& spec);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_IMAGE_SOURCE_H_
