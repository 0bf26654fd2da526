// Steps that meet a gap (src/tree/gap.h): they need the tree that a clean build has.
#ifndef KASANE_SRC_STEPS_COMMON_GAPS_H_
#define KASANE_SRC_STEPS_COMMON_GAPS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

// The status of a step that has met the gap at this path. Nothing was published; the step is to be run again
// once the gaps are filled (run_gaps.h).
absl::Status GapMet(absl::string_view path);
bool IsGapMet(const absl::Status& status);

// Where the trees of these records have gaps: relative paths, sorted.
absl::StatusOr<std::vector<std::string>> GapsOf(const std::vector<std::string>& records);

// Of relative paths: one is, or lies below, the other.
bool Overlap(absl::string_view a, absl::string_view b);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COMMON_GAPS_H_
