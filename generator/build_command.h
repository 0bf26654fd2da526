// `gen build`: gen and ninja, shown as they go on.
#ifndef KASANE_GENERATOR_BUILD_COMMAND_H_
#define KASANE_GENERATOR_BUILD_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// `args`: the words after "build"; `gen`: this program. Returns the exit code.
int BuildCommand(const std::vector<std::string>& args, const std::string& gen, const std::string& store,
                 std::string* out, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_BUILD_COMMAND_H_
