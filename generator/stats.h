// What `gen --stats` prints.
#ifndef KASANE_GENERATOR_STATS_H_
#define KASANE_GENERATOR_STATS_H_

#include <string>
#include <vector>

#include "src/base/timeline.h"

namespace kasane {

// A line for each stretch: name, seconds, seconds of CPU, what was counted; what lies in another is indented.
std::string StatsText(const std::vector<Stretch>& stretches);

}  // namespace kasane

#endif  // KASANE_GENERATOR_STATS_H_
