#include "src/registry/blob_origin.h"

#include "src/base/binary.h"
#include "src/oci/reference.h"

namespace kasane {
namespace {

constexpr uint64_t kFormat = 1;

Digest Key(const Digest& blob, absl::string_view registry) {
  std::string key;
  PutBytes(&key, "blob-origin");
  PutVarint(&key, kFormat);
  PutBytes(&key, registry);
  PutBytes(&key, blob.bytes());
  return Sha256Of(key);
}

}  // namespace

void SaveBlobOrigin(Store* store, const Digest& blob, absl::string_view repository) {
  auto reference = ParseReference(repository);
  if (reference.ok()) (void)store->PutResult(Key(blob, reference->domain), reference->path);
}

std::string FindBlobOrigin(const Store& store, const Digest& blob, absl::string_view registry) {
  auto value = store.GetResult(Key(blob, registry));
  return value.ok() ? *value : "";
}

}  // namespace kasane
