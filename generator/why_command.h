// `gen why` and `gen reads`: what RUN steps have left about themselves (src/steps/run_why.h), for people.
#ifndef KASANE_GENERATOR_WHY_COMMAND_H_
#define KASANE_GENERATOR_WHY_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// gen why [-C DIR] [STAGE:LINE]: why a RUN ran or did not, when ninja last came to it; without a place, all
// of them. gen reads [-C DIR] [--json] [--all] STAGE:LINE: what a RUN read, by who supplied it. `command`:
// "why" or "reads". Text is appended to `out`. The exit code: 0; 1 nothing is known of such a RUN; 2 a wrong
// command line.
int WhyCommand(const std::string& command, const std::vector<std::string>& args, std::string* out,
               Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_WHY_COMMAND_H_
