// Reads the encoding of a delta (delta.h) from its begin to its end, as much at a time as is wanted.
#ifndef KASANE_SRC_TREE_DELTA_READER_H_
#define KASANE_SRC_TREE_DELTA_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/binary.h"
#include "src/tree/delta.h"

namespace kasane {

// What the encoding begins with, and an entry's flags.
inline constexpr absl::string_view kDeltaMagic("KSND\x01", 5);
inline constexpr uint64_t kDeltaWhiteout = 1;
inline constexpr uint64_t kDeltaOpaque = 2;
inline constexpr uint64_t kDeltaImplied = 4;

// What Delta::Decode refuses of an entry by itself.
absl::Status CheckDeltaEntry(const DeltaEntry& entry);

class DeltaReader {
 public:
  // `bytes` must outlive it.
  static absl::StatusOr<DeltaReader> Open(absl::string_view bytes);
  bool done() const { return left_ == 0 && ahead_.empty(); }
  // The next `least` entries, and then up to the next one that lies in another directory, but not in the last
  // one; in the end fewer. Refuses what Delta::Decode refuses, as far as it has read.
  absl::StatusOr<std::vector<DeltaEntry>> Next(size_t least);

 private:
  explicit DeltaReader(absl::string_view bytes) : in_(bytes) {}
  absl::Status Read(DeltaEntry* entry);

  BinaryReader in_;
  uint64_t left_ = 0;
  bool is_first_ = true;
  std::string previous_;
  std::vector<DeltaEntry> ahead_;  // read, but of the next call
};

}  // namespace kasane

#endif  // KASANE_SRC_TREE_DELTA_READER_H_
