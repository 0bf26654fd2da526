// `gen gc`: removes from the store what no build has used for a while (src/store/gc.h).
#ifndef KASANE_GENERATOR_GC_COMMAND_H_
#define KASANE_GENERATOR_GC_COMMAND_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "generator/compile.h"

namespace kasane {

// "30d", "12h", "90m", "45s", or 0: at least 0, one unit, no fraction. False: it is no such thing.
bool ParseAge(absl::string_view text, absl::Duration* age);

// `args`: the words after "gc". `store`: its directory. What is to be printed on standard output is appended
// to `out`, what went wrong is in `messages`. The exit code: 0; 1 a bad value, or the store is in use or
// cannot be read; 2 a wrong command line.
int GcCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
              Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GC_COMMAND_H_
