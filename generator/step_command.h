// `gen step`: one edge of the graph, run by ninja.
#ifndef KASANE_GENERATOR_STEP_COMMAND_H_
#define KASANE_GENERATOR_STEP_COMMAND_H_

#include <string>
#include <vector>

#include "src/contract/step.h"

namespace kasane {

// Makes the process die with its parent, so that killing ninja alone leaves no step behind. False: the parent
// is dead already.
bool DieWithParent();

// Ninja may run steps elsewhere than in the build directory (image.ninja under a prefix): the directory that
// --dir lies in is what the other paths are then relative to. Returns it, "" if it is the working directory,
// and takes it off all paths, which must begin with it; but a source may be another build's record, which is
// made absolute.
std::string TakeBuildDirectory(StepArgs* args);

// `gen chain STATE OUT RECORD..`: makes a chain file (src/contract/chain_file.h). Returns the exit code.
int RunChainCommand(const std::vector<std::string>& args);

// `args`: the words after `gen step`. Returns the exit code: 0, or 1 with one message on standard error.
int RunStepCommand(const std::vector<std::string>& args);

}  // namespace kasane

#endif  // KASANE_GENERATOR_STEP_COMMAND_H_
