// `gen load` and `gen push`: images that builds have made, to where others look for them.
#ifndef KASANE_GENERATOR_TRANSFER_COMMAND_H_
#define KASANE_GENERATOR_TRANSFER_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// `args`: the words after "load" or "push". Exit code: 0; 1 with a message, or what the program that does it
// has said; 2 a wrong command line.
int LoadCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
                Messages* messages);
int PushCommand(const std::vector<std::string>& args, const std::string& store, const std::string& gen_net,
                std::string* out, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_TRANSFER_COMMAND_H_
