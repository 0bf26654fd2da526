// `gen run` and `gen exec`: processes of an image, straight from the store.
#ifndef KASANE_GENERATOR_RUN_COMMAND_H_
#define KASANE_GENERATOR_RUN_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// `args`: the words after "run" or "exec". `store`: its directory. What is to be printed on standard output
// once all is over is appended to `out`. The exit code is that of the process; 1 if there is none (a message
// says why), 2 a wrong command line.
int RunCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
               Messages* messages);
int ExecCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
                Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_RUN_COMMAND_H_
