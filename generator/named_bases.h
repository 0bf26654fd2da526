// Which images of a workspace a Dockerfile names.
#ifndef KASANE_GENERATOR_NAMED_BASES_H_
#define KASANE_GENERATOR_NAMED_BASES_H_

#include <string>
#include <vector>

#include "src/config/workspace_file.h"

namespace kasane {

// Adds to the image's bases those that its Dockerfile itself names, by an image's name or a tag of it: FROM
// (with the values that its variables have), --from, and `from` of a --mount. `words`: options for every
// image. What cannot be read or parsed is told later.
void AddNamedBases(const Workspace& workspace, const std::vector<std::string>& words, WorkspaceImage* image);

}  // namespace kasane

#endif  // KASANE_GENERATOR_NAMED_BASES_H_
