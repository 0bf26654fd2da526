// `gen verify`: whether what RUNs have left is what they leave now.
#ifndef KASANE_GENERATOR_VERIFY_COMMAND_H_
#define KASANE_GENERATOR_VERIFY_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// gen verify [-C DIR] [--json] [STAGE:LINE]: runs every RUN of the present build again, or the one at that
// place, on the tree that is below it, in a place of its own that knows of no result and no cache, and
// compares what it changes with what its record says, times and what a warm tool keeps left out. Nothing
// that builds read is touched.
// `gen`: path of this program. The exit code: 0; 1 if one differs, fails, or there is no such RUN; 2 a wrong
// command line.
int VerifyCommand(const std::vector<std::string>& args, const std::string& gen, std::string* out,
                  Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_VERIFY_COMMAND_H_
