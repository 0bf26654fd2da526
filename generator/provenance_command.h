// `gen provenance`: what a file of the image comes from.
#ifndef KASANE_GENERATOR_PROVENANCE_COMMAND_H_
#define KASANE_GENERATOR_PROVENANCE_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// gen provenance [-C DIR] [--json] FILE. The exit code: 0; 1 the image has no such file; 2 a wrong command
// line.
int ProvenanceCommand(const std::vector<std::string>& args, std::string* out, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_PROVENANCE_COMMAND_H_
