// Bind mounts from a context: its files as a COPY would take them, as trees.
#ifndef KASANE_SRC_STEPS_RUN_MOUNTS_CONTEXT_H_
#define KASANE_SRC_STEPS_RUN_MOUNTS_CONTEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/contract/mount_sources.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"
#include "src/tree/tree.h"

namespace kasane {

struct ContextTree {
  Tree tree;             // the source directory is its root...
  bool is_file = false;  // ...or it holds the source as kMountedFile
};
inline constexpr char kMountedFile[] = "file";

// One tree for each of `sources`, in their order. Owners are 0:0, directories have one time. Files have the
// times that they had when these contents were first mounted (soundness.md T1: a touch alone is no change),
// or the epoch. Writes the state file. Sources that are not there have been reported.
absl::StatusOr<std::vector<ContextTree>> ReadContextMounts(const RunSpec& spec, const std::string& name,
                                                           const MountSources& sources,
                                                           const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_MOUNTS_CONTEXT_H_
