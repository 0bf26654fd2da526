// `gen diff`: what two images, or the states of two steps, do not share.
#ifndef KASANE_GENERATOR_DIFF_COMMAND_H_
#define KASANE_GENERATOR_DIFF_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// `args`: the words after "diff". Appends to `out`. The exit code: 0 also where they differ, 1 with a message
// if one is not there, 2 a wrong command line.
int DiffCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
                Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_DIFF_COMMAND_H_
