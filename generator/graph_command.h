// `gen graph --html` and `--svg`: the build that is there, and what came of it.
#ifndef KASANE_GENERATOR_GRAPH_COMMAND_H_
#define KASANE_GENERATOR_GRAPH_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// Whether the words ask for it (`gen graph --json` is another command).
bool IsPageOfGraph(const std::vector<std::string>& args);
// Appends the page to `out`. The exit code.
int GraphPageCommand(const std::vector<std::string>& args, std::string* out, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GRAPH_COMMAND_H_
