// Sends an image of the store to a registry.
#ifndef KASANE_SRC_REGISTRY_PUSH_H_
#define KASANE_SRC_REGISTRY_PUSH_H_

#include <string>

#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/registry/access.h"
#include "src/store/store.h"

namespace kasane {

struct PushCounts {
  int present = 0;  // blobs that were there
  int mounted = 0;  // ... were taken over from another repository of the registry
  int sent = 0;
};

// Blobs first (several at once), then the manifest, under the tag or digest of `name` (a full reference); an
// index's manifests before the index. Blobs are looked for, then mounted from where blob_origin.h says, then
// sent in one piece; in pieces of at least 4 MiB where a registry refuses that. Messages begin with the name.
absl::StatusOr<PushCounts> PushImage(RegistryAccess* access, Store* store, const Digest& manifest,
                                     const std::string& media_type, const std::string& name);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_PUSH_H_
