// Writes the tar of a delta as a layer blob: one pass, diff_id and digest on the way, at most 256 MiB of
// memory.
#ifndef KASANE_SRC_OCI_LAYER_WRITER_H_
#define KASANE_SRC_OCI_LAYER_WRITER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/contract/record.h"
#include "src/oci/compression.h"
#include "src/oci/fragment_plan.h"
#include "src/store/store.h"
#include "src/tree/delta.h"

namespace kasane {

struct LayerOptions {
  Compression compression = Compression::kGzip;
  int level = 6;
  // These change nothing in the bytes.
  int jobs = 0;       // threads that compress; 0: one for each core
  bool reuse = true;  // fragments of earlier layers
  Digest before;  // the blob of the layer that the same step made last, if it is known: where to look first
};

// A layer that is not written yet.
struct PlannedLayer {
  FragmentPlan plan;
  Digest key;  // of whatever decides its bytes: equal keys, equal blobs
};

// `resolved`: as ResolveLayerDelta gives it; it must outlive the plan.
absl::StatusOr<PlannedLayer> PlanLayer(const Delta& resolved, const LayerOptions& options);

// Files' contents are read from the store and checked against their digests (a damaged one: kDataLoss, and
// the store has been told, see Store::ReadBlob). Of a large layer, what earlier layers hold of it is not
// compressed again (fragment_index.h), and checked by CRC-32 instead. `options`: those of the plan.
absl::StatusOr<LayerInfo> WriteLayer(Store* store, const PlannedLayer& layer, const LayerOptions& options);
// Plan and all.
absl::StatusOr<LayerInfo> WriteLayer(Store* store, const Delta& resolved, const LayerOptions& options);

// What decides the bytes of a layer beside its resolved delta, for result keys.
std::string LayerFormatId(const LayerOptions& options);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_LAYER_WRITER_H_
