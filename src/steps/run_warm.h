// Warm tools: a RUN whose layer reaches no image may find a tool's own caches as earlier RUNs of the project
// left them, so that an edit costs a warm compilation. They are shown inside the tree (never mounted, never
// shared for writing), and what the RUN adds is kept for the next one, not in its delta, where a gap stands
// for it (src/tree/gap.h).
//
// What keeps law 1 (soundness.md A1, A2-T4, A7):
//  - Only the tool looks into its caches (src/trace/warm_watch.h), and what it finds there it finds by
//  content;
//    its profile makes an observation of what a warm execution learns from the cache instead of from the
//    tree.
//  - It is shown times by content, so no cache entry that goes by size and time is taken for another
//  content's.
//  - A state belongs to a tool, a project, a base image, a user, and to what else the tool finds on its
//  paths.
//  - Nothing is kept of a RUN in which programs ran that could give a source a time of long ago, or that left
//    such a source behind: what a RUN itself makes is shown to the tool by the kernel alone.
//  - Nothing is kept of a RUN in which the tool started programs of whose answers its caches could hold
//    something, or that wrote beside the caches.
//  - A RUN that fails, or in which somebody else looked, is executed again without.
#ifndef KASANE_SRC_STEPS_RUN_WARM_H_
#define KASANE_SRC_STEPS_RUN_WARM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/base/file.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"
#include "src/sandbox/sandbox.h"
#include "src/store/store.h"
#include "src/store/warm_states.h"
#include "src/trace/profile.h"
#include "src/trace/warm_watch.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

// The caches of one tool, as one RUN may use them.
struct WarmCaches {
  WarmTool tool;
  std::vector<std::string> paths;  // of the caches: relative, no link in them
  std::vector<std::string>
      regions;                // of each the topmost directory that the tree below lacks; sorted, unique
  uint32_t uid = 0, gid = 0;  // who executes the RUN
  WarmState state;
  UniqueFd use;      // while the state's layers are shown
  ScratchDir taken;  // not empty: "<it>/new" holds what an execution left in the regions, at its paths
};

struct WarmOffer {
  std::vector<WarmCaches> tools;
  // SandboxOptions::also_shown and ::lower_layers: the way into the caches, and what they hold.
  // ShowWarmCaches fills both.
  Delta shown;
  std::vector<std::string> layers;
  std::string key;    // what a result depends on besides: part of its weak key
  std::string unfit;  // why nothing of what the execution left may be kept; "": it may
  bool shows() const { return !shown.empty(); }
  bool has_taken() const;
  std::vector<WarmWatch::Place> places() const;
};

// What the RUN is offered. `below` and `options` (its mounts among them) are those that it is executed with;
// `base`: the digest of its base image's tree. A cache that is there below, or mounted, is not offered.
absl::StatusOr<WarmOffer> OfferWarmCaches(const RunSpec& spec, const StepContext& context,
                                          const Profiles& profiles, const SandboxOptions& options,
                                          const Tree& below, const Digest& base);

// Shows what the caches hold, for an execution; looking for a result needs none of it. A state whose layers
// are gone is not shown. kAborted (common_gaps.h) if a gap below would stay uncovered.
absl::Status ShowWarmCaches(Store* store, const Tree& below, WarmOffer* offer);

// The states lie: begin anew.
void DropWarmCaches(const StepContext& context, const WarmOffer& offer);

// The RUN is not to be offered anything again, as long as the states last.
void RefuseWarmCaches(const StepContext& context, const WarmOffer& offer);
bool IsRefused(const StepContext& context, const WarmOffer& offer);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_WARM_H_
