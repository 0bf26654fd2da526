#include "src/plan/warm_runs.h"

#include <algorithm>
#include <set>

namespace kasane {

void MarkWarmRuns(Plan* plan) {
  std::set<int> in_image;
  for (int stage = plan->target; stage >= 0; stage = plan->stages[static_cast<size_t>(stage)].parent)
    in_image.insert(stage);
  for (size_t i = 0; i < plan->stages.size(); ++i) {
    if (in_image.count(static_cast<int>(i)) > 0) continue;
    for (PlanStep& step : plan->stages[i].steps) {
      RunSpec* run = std::get_if<RunSpec>(&step.spec);
      if (run == nullptr || run->network == "none" || run->security != "sandbox" || !run->devices.empty())
        continue;
      run->warm = std::none_of(run->mounts.begin(), run->mounts.end(),
                               [](const MountSpec& mount) { return mount.from == "stage"; });
    }
  }
}

}  // namespace kasane
