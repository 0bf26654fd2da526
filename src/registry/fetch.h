// Brings a layer blob from a registry into the store.
#ifndef KASANE_SRC_REGISTRY_FETCH_H_
#define KASANE_SRC_REGISTRY_FETCH_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/contract/record.h"
#include "src/contract/spec.h"
#include "src/registry/access.h"
#include "src/store/store.h"

namespace kasane {

// Gives the `size` bytes of a blob to `write`, in order, from endpoints[*at] or, where that fails, from those
// after it; *at is then the one that served last. A broken transfer goes on where it stopped (Range), at
// another endpoint too. What `write` refuses is returned at once. The digest is for `write`'s owner to check.
absl::Status FetchBlob(RegistryAccess* access, const std::vector<RegistryEndpoint>& endpoints, size_t* at,
                       const Digest& digest, int64_t size,
                       const std::function<absl::Status(absl::string_view)>& write);

// The pull step's work: fetches, unpacks, checks, and remembers where the blob came from (blob_origin.h). An
// endpoint that serves wrong bytes is left for the next one. Nothing is published before all of it is
// verified, and partial downloads are never visible: two processes may pull the same blob at once. Messages
// begin with the source.
absl::StatusOr<Record> PullLayer(RegistryAccess* access, Store* store, const PullSpec& spec);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_FETCH_H_
