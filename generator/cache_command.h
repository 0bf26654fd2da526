// `gen cache`: the cache mounts of the store (src/store/caches.h), listed, removed, carried from machine to
// machine.
#ifndef KASANE_GENERATOR_CACHE_COMMAND_H_
#define KASANE_GENERATOR_CACHE_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// `args`: the words after "cache". `store`: its directory. What is to be printed on standard output is
// appended to `out`, what went wrong is in `messages`. The exit code: 0; 1 it could not be done; 2 a wrong
// command line.
int CacheCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
                 Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_CACHE_COMMAND_H_
