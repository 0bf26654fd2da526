// `gen images` and `gen history`: what builds in the store have made.
#ifndef KASANE_GENERATOR_IMAGES_COMMAND_H_
#define KASANE_GENERATOR_IMAGES_COMMAND_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// `command`: "images" or "history"; `args`: the words after it. As GcCommand, for the rest.
int ImagesCommand(const std::string& command, const std::vector<std::string>& args, const std::string& store,
                  std::string* out, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_IMAGES_COMMAND_H_
