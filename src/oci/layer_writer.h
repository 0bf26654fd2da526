// Writes the tar of a delta as a layer blob: one pass, diff_id and digest on the way, bounded memory.
#ifndef KASANE_SRC_OCI_LAYER_WRITER_H_
#define KASANE_SRC_OCI_LAYER_WRITER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/contract/record.h"
#include "src/oci/compression.h"
#include "src/store/store.h"
#include "src/tree/delta.h"

namespace kasane {

struct LayerOptions {
  Compression compression = Compression::kGzip;
  int level = 6;
  int jobs = 0;  // threads; 0: one for each core. Changes nothing in the bytes.
};

// The header of an entry's tar member. `link_name`: for a hard link, the name of the member that has the
// content; else "".
absl::Status AppendEntryHeader(const DeltaEntry& entry, const std::string& link_name, std::string* out);

// `resolved`: as ResolveLayerDelta gives it. Files' contents are read from the store and checked against
// their digests (a damaged one: kDataLoss, and the store has been told, see Store::ReadBlob).
absl::StatusOr<LayerInfo> WriteLayer(Store* store, const Delta& resolved, const LayerOptions& options);

// What decides the bytes of a layer beside its resolved delta, for result keys.
std::string LayerFormatId(const LayerOptions& options);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_LAYER_WRITER_H_
