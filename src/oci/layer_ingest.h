// Takes the compressed bytes of a pulled layer as they arrive and makes a blob, a pack and a delta of them in
// one pass: the caller's thread hashes and stores the blob, a second one decompresses, a third one hashes the
// tar, stores it as a pack and reads it. Memory is bounded: a few MiB of buffers, and the delta (see
// DeltaBuilder). A blob is never longer than its descriptor says; what it unpacks to is bounded by the disk
// alone, and gone again if it does not fit.
#ifndef KASANE_SRC_OCI_LAYER_INGEST_H_
#define KASANE_SRC_OCI_LAYER_INGEST_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/contract/record.h"
#include "src/contract/spec.h"
#include "src/store/store.h"

namespace kasane {

// Use: Write all bytes in order, in pieces of any size, then Finish once. Any error is final: drop the
// object. Dropped without Finish it leaves nothing in the store. After a broken transfer the caller goes on
// writing at received().
class LayerIngest {
 public:
  // blob, size and diff_id of `spec` are checked; an empty diff_id is not. Compression is told by the bytes
  // themselves (gzip, zstd, none); media_type is only handed on. `source` is not used.
  LayerIngest(Store* store, const PullSpec& spec);
  ~LayerIngest();
  LayerIngest(const LayerIngest&) = delete;
  LayerIngest& operator=(const LayerIngest&) = delete;

  // kDataLoss: more bytes than the descriptor says, or bytes that are no layer (the message says why).
  absl::Status Write(absl::string_view data);
  // The number of bytes taken so far.
  int64_t received() const;
  // Publishes blob, pack and delta if size, digest and diff_id are right, and gives the record of the pull
  // step: kind "pull", delta, one layer, no `created`. Else kDataLoss, and no delta (a pack whose diff_id is
  // right may stay: its name is true).
  absl::StatusOr<Record> Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_LAYER_INGEST_H_
