// The compressed fragments of earlier layers, found again by what they hold. A fragment is no file of its
// own: it is a range of the blob of a layer that the store keeps anyway, and the layer's *fragment index*
// says which.
//
// Which layers to look in: the one that the step made last, and those that have fragments in common with the
// new one. The latter are found by a sketch: each index is a result under the least few of its fragments'
// keys, so two layers that share most fragments meet there, whoever built them.
//
// Index format 2, a blob (numbers little-endian): "KSNF" 0x02 0 0 0, digest of the layer's blob (32 bytes),
// number of rows (8); then for each fragment, in order: key (32), digest of its bytes if it is a piece of a
// big file, else zeros (32), state of the diff_id's hash after it (32), that of the blob's as it was after
// its last whole block (32), where it ends in the blob (8), CRC-32 of its bytes (8) and of the compressed
// ones (8). Nothing of this may make a wrong layer, so both are checked whenever a fragment is used.
#ifndef KASANE_SRC_OCI_FRAGMENT_INDEX_H_
#define KASANE_SRC_OCI_FRAGMENT_INDEX_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/oci/fragment_bytes.h"
#include "src/store/store.h"

namespace kasane {

struct FragmentRow {
  Digest key;         // Fragment::key
  Digest content;     // none: it is no piece of a big file
  Digest state;       // of the diff_id's hash: Sha256::SaveState
  Digest blob_state;  // of the blob's, which may lack the last few bytes
  uint64_t end = 0;
  uint32_t raw_crc = 0;
  uint32_t packed_crc = 0;
};

struct FragmentIndex {
  Digest layer;
  std::vector<FragmentRow> rows;
};

std::string EncodeFragmentIndex(const FragmentIndex& index);
absl::StatusOr<FragmentIndex> DecodeFragmentIndex(absl::string_view bytes);

// Makes the index known to later layers.
absl::Status PublishFragmentIndex(Store* store, const FragmentIndex& index);

// As gzip has it; `before`: of the bytes before these.
uint32_t Crc32(absl::string_view bytes, uint32_t before = 0);

// What earlier layers hold of a new one. Thread safe once made.
class FragmentCache {
 public:
  // Where a fragment lies.
  struct Place {
    const BlobRef* layer = nullptr;
    const FragmentRow* row = nullptr;
    uint64_t begin = 0;
  };

  FragmentCache() = default;
  // `keys`: of the new layer's fragments, in order; `before`: the blob of the layer that the step made last
  // (may be none). Indexes that are damaged, and layers that are gone, do not count.
  FragmentCache(const Store& store, const std::vector<Digest>& keys, const Digest& before);
  FragmentCache(const FragmentCache&) = delete;
  FragmentCache& operator=(const FragmentCache&) = delete;

  const Place* Find(const Digest& key) const;
  const Place* FindPiece(const Digest& content) const;
  // The first fragments of the earlier layer that begins with as many of the first `most` of these as any.
  std::vector<Place> CommonStart(const std::vector<Digest>& keys, size_t most) const;
  // The compressed bytes. kAborted if they are not what they were.
  static absl::StatusOr<FragmentBytes> Read(const Place& place);

 private:
  void Add(const Store& store, const Digest& anchor);

  struct Layer {
    FragmentIndex index;
    BlobRef blob;
  };
  std::deque<Layer> layers_;
  absl::flat_hash_map<Digest, Place> places_;
  absl::flat_hash_map<Digest, Place> pieces_;
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_FRAGMENT_INDEX_H_
