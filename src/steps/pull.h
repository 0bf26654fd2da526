// The pull step: one layer of a base image into the store, as a blob, a pack and a delta.
//
// A result is found again by (blob digest, diff_id): where the layer came from does not matter. Local sources
// (image_source.h) are read here; for a registry this process is replaced by `gen-net step` with the same
// arguments, so that only edges that use the network pay for loading libcurl.
#ifndef KASANE_SRC_STEPS_PULL_H_
#define KASANE_SRC_STEPS_PULL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/contract/record.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"
#include "src/store/store.h"

namespace kasane {

// Does not return if it started gen-net (common_gen_net.h).
absl::StatusOr<StepOutcome> RunPullStep(const PullSpec& spec, const StepContext& context);

// The record of an earlier pull, if all that it names is still in the store.
absl::optional<Record> FindPulled(const Store& store, const PullSpec& spec);
// Makes `record` found by FindPulled.
absl::Status PublishPulled(Store* store, const PullSpec& spec, const Record& record);
// "ran pull docker.io/library/golang 0123456789ab 264 MB"
std::string PullLine(absl::string_view verb, const PullSpec& spec);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_PULL_H_
