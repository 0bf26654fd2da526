// `gen shell`: a shell in the state before or after a step.
#ifndef KASANE_GENERATOR_SHELL_COMMAND_H_
#define KASANE_GENERATOR_SHELL_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// `args`: the words after "shell". The exit code is that of the shell; 1 if there is none (a message says
// why), 2 a wrong command line.
int ShellCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
                 Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_SHELL_COMMAND_H_
