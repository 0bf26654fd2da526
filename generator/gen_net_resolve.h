// `gen-net resolve`: what an image's name means right now.
#ifndef KASANE_GENERATOR_GEN_NET_RESOLVE_H_
#define KASANE_GENERATOR_GEN_NET_RESOLVE_H_

#include <string>
#include <vector>

namespace kasane {

// `args`: the words after "resolve". Prints EncodeResolvedImage and a newline; or "gen-net: <message>" on
// standard error and returns 1. Warnings ("gen-net: warning: ...") come before, on standard error.
int RunResolveCommand(const std::vector<std::string>& args);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GEN_NET_RESOLVE_H_
