// The results of steps that make a delta: found again by key, kept if only times differ.
#ifndef KASANE_SRC_STEPS_COMMON_RESULT_H_
#define KASANE_SRC_STEPS_COMMON_RESULT_H_

#include <cstddef>
#include <future>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "src/base/digest.h"
#include "src/contract/record.h"
#include "src/contract/step.h"
#include "src/store/store.h"
#include "src/tree/delta.h"

namespace kasane {

// How to encode what has so many entries beside other work: on a thread of its own if that is worth one.
std::launch Concurrently(size_t entries);

// The record that was published under `key`, if its delta and all that the delta names are still in the
// store. Whatever is damaged or missing makes it no result.
// `check_contents`: false if all that the key tells of was seen in the store just now.
absl::optional<Record> FindDeltaResult(const Store& store, const Digest& key, bool check_contents = true);

// Saves `delta`, publishes `record` (its delta member is set here) under `key` and returns the record to be
// written: the one that already lies at `args.out`, if its delta differs from the new one in mtimes only
// (rule T2), else `record`. With an epoch the mtimes are no accident, and the new record stands.
absl::StatusOr<Record> PublishDeltaResult(Store* store, const StepArgs& args, const Epoch& epoch,
                                          const Digest& key, const Delta& delta, Record record);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COMMON_RESULT_H_
