// `gen ps`, `gen logs`, `gen stop` and `gen rm`: about containers that `gen run` has started.
#ifndef KASANE_GENERATOR_CONTAINER_COMMANDS_H_
#define KASANE_GENERATOR_CONTAINER_COMMANDS_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// `command`: "ps", "logs", "stop" or "rm"; `args`: the words after it. As GcCommand, for the rest; `gen logs
// -f` writes to standard output itself.
int ContainerCommand(const std::string& command, const std::vector<std::string>& args,
                     const std::string& store, std::string* out, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_CONTAINER_COMMANDS_H_
