// What the mounts of RUNs read.
#include <utility>

#include "src/plan/mount_flag.h"
#include "src/plan/stages.h"

namespace kasane {

// As BuildKit has it, a number is no stage here but the name of an image.
bool StageTable::FindMountSources(StageInstruction* in) {
  for (const Flag& flag : in->instruction->flags) {
    if (flag.name != "mount") continue;
    MountSource source;
    source.range = flag.range;
    const std::string from = MountFrom(flag, &source.range);
    const auto main = options_.contexts.find("");
    StageInstruction found;
    found.instruction = in->instruction;
    if (!from.empty()) {
      if (!FindNamed(from, source.range, &found)) return false;
    } else if (main != options_.contexts.end() && MayBeBindMount(flag)) {
      found.source = ContextStage("", main->second, source.range);
    }
    source.stage = found.source;
    source.context = found.context;
    in->mounts.push_back(std::move(source));
  }
  return true;
}

}  // namespace kasane
