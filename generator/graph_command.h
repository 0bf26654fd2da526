// `gen graph --html` and `--svg`: the build that is there, and what came of it.
#ifndef KASANE_GENERATOR_GRAPH_COMMAND_H_
#define KASANE_GENERATOR_GRAPH_COMMAND_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "generator/compile.h"

namespace kasane {

// How long, in milliseconds, what made each output took when it was executed last: of the text of ninja's log
// (versions 5 to 7).
std::map<std::string, int64_t> DurationsInNinjaLog(absl::string_view log);

// Whether the words ask for it (`gen graph --json` is another command).
bool IsPageOfGraph(const std::vector<std::string>& args);
// Appends the page to `out`. The exit code.
int GraphPageCommand(const std::vector<std::string>& args, std::string* out, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GRAPH_COMMAND_H_
