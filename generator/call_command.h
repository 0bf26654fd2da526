// `gen check` and `gen --call`: answers about a Dockerfile; nothing is written.
#ifndef KASANE_GENERATOR_CALL_COMMAND_H_
#define KASANE_GENERATOR_CALL_COMMAND_H_

#include <string>

#include "generator/compile.h"
#include "generator/generate.h"
#include "generator/options.h"

namespace kasane {

// Does what options.call says ("check", "outline", "targets") in the format options.format ("text", "json",
// for checks "sarif" too). `out` is the answer; `messages` get why there is none. Returns an exit code: 1 too
// if a check found anything.
int Call(const Options& options, const Programs& programs, bool color, std::string* out, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_CALL_COMMAND_H_
