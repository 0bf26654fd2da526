// Hints where a registry has a blob already, so that a push can mount it there instead of sending it.
//
// A result of the store: key = SHA-256 of ("blob-origin", 1, registry, blob), value = repository on that
// registry.
#ifndef KASANE_SRC_REGISTRY_BLOB_ORIGIN_H_
#define KASANE_SRC_REGISTRY_BLOB_ORIGIN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/store/store.h"

namespace kasane {

// `repository`: "docker.io/library/golang"; a tag behind it is dropped. Failure to save is no failure of the
// caller.
void SaveBlobOrigin(Store* store, const Digest& blob, absl::string_view repository);
// "library/golang", or "" if nothing is known.
std::string FindBlobOrigin(const Store& store, const Digest& blob, absl::string_view registry);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_BLOB_ORIGIN_H_
