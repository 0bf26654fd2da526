// Gaps: where a tree lacks what a clean build has there, because it was left with a warm tool (run_warm.h).
// An entry that no file system can hold stands in such a place, so that nobody takes it for empty: a RUN that
// looks there, a COPY, a layer.
#ifndef KASANE_SRC_TREE_GAP_H_
#define KASANE_SRC_TREE_GAP_H_

#include <cstdint>

#include "src/tree/entry.h"

namespace kasane {

inline constexpr uint32_t kGapDevice = 0xffffffff;  // real numbers have 12 and 20 bits

inline Entry GapEntry() {
  Entry entry;
  entry.type = EntryType::kCharDevice;
  entry.device_major = entry.device_minor = kGapDevice;
  return entry;
}

inline bool IsGap(const Entry& entry) {
  return entry.type == EntryType::kCharDevice && entry.device_major == kGapDevice &&
         entry.device_minor == kGapDevice;
}

}  // namespace kasane

#endif  // KASANE_SRC_TREE_GAP_H_
