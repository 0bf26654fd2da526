// One blob into one repository of a registry.
#ifndef KASANE_SRC_REGISTRY_UPLOAD_H_
#define KASANE_SRC_REGISTRY_UPLOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/registry/client.h"
#include "src/store/store.h"

namespace kasane {

enum class UploadResult { kPresent, kMounted, kSent };

// `mount_from`: a repository of the same registry that may have it, or "".
absl::StatusOr<UploadResult> UploadBlob(RegistryClient* client, const Digest& digest, const BlobRef& blob,
                                        const std::string& mount_from);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_UPLOAD_H_
