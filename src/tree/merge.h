// Several deltas as one.
#ifndef KASANE_SRC_TREE_MERGE_H_
#define KASANE_SRC_TREE_MERGE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

// One delta that changes `below` as all of these do, one after the other. What one of them made and a later
// one removed is not in it.
absl::StatusOr<Delta> MergeDeltas(const Tree& below, const std::vector<Delta>& deltas);

}  // namespace kasane

#endif  // KASANE_SRC_TREE_MERGE_H_
