// `gen watch`: builds after each save, and restarts the container made of the image.
#ifndef KASANE_GENERATOR_WATCH_COMMAND_H_
#define KASANE_GENERATOR_WATCH_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// `args`: the words after "watch"; `gen`: this program; `store`: the store's directory. Ends when it is told
// to by a signal. Returns the exit code.
int WatchCommand(const std::vector<std::string>& args, const std::string& gen, const std::string& store,
                 std::string* out, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_WATCH_COMMAND_H_
