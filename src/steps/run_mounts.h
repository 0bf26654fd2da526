// What the mounts of a RUN show of stages, images and contexts: known before its result is looked up.
#ifndef KASANE_SRC_STEPS_RUN_MOUNTS_H_
#define KASANE_SRC_STEPS_RUN_MOUNTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"
#include "src/tree/tree.h"

namespace kasane {

// A tree that a bind mount shows, or that a cache is made from.
struct MountedTree {
  size_t mount = 0;  // index into RunSpec::mounts
  Tree tree;
  std::string source;  // what of it, no link in it; "" is the root
  Digest digest;  // of that part: names, entries, times of files; not of directories that RUNs do not see
};

struct RunMounts {
  std::vector<MountedTree> trees;
  const MountedTree* Find(size_t mount) const;  // null: the mount has none
  // As bytes for a key, what a result depends on and no trace tells: where in its tree a bind mount begins,
  // and what a cache was made from.
  std::string Key(const RunSpec& spec) const;
};

// The spec as the key of its result sees it: without what changes no result. Ids and sharing of caches are no
// part of it, nor are proxies, nor the number of records that a tree is composed of.
RunSpec KeySpec(const RunSpec& spec);

// Composes stages' trees and reads contexts, contents into the store. What was read of contexts is left
// beside the record for gen (context_state.h). A source that is not there has been reported; the status then
// has no message.
absl::StatusOr<RunMounts> ReadRunMounts(const RunSpec& spec, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_MOUNTS_H_
