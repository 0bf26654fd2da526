#include "src/plan/needed_caches.h"

#include <set>
#include <string>

namespace kasane {

void MarkNeededCaches(Plan* plan) {
  // Stages stand in an order in which they can be built, so "after" is "behind".
  std::set<std::string> later;
  for (auto stage = plan->stages.rbegin(); stage != plan->stages.rend(); ++stage) {
    for (auto step = stage->steps.rbegin(); step != stage->steps.rend(); ++step) {
      RunSpec* run = std::get_if<RunSpec>(&step->spec);
      if (run == nullptr) continue;
      for (MountSpec& mount : run->mounts) {
        if (mount.type == "cache") mount.needed = later.count(mount.id) > 0;
      }
      for (const MountSpec& mount : run->mounts) {
        if (mount.type == "cache") later.insert(mount.id);
      }
    }
  }
}

}  // namespace kasane
