// compose.yaml: the images that its services build, as a workspace.
//
// Read are `build` (all of it but what only its own engine can mean, which gets a warning), `image` and
// `platform` of services, and the files and variables behind `secrets`. A service without `build` is none of
// our business. Paths are seen from the file's directory, a Dockerfile's from its context. Variables,
// anchors, merge keys and x- fields are as the Compose specification has them; `extends` is an error,
// `include` a warning.
#ifndef KASANE_SRC_CONFIG_COMPOSE_FILE_H_
#define KASANE_SRC_CONFIG_COMPOSE_FILE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"
#include "src/config/variables.h"
#include "src/config/workspace_file.h"

namespace kasane {

// False: an error is among the diagnostics; warnings may be there in any case. `file`: its path.
bool ReadComposeFile(absl::string_view text, const std::string& file, const Variables& variables,
                     Workspace* workspace, std::vector<Diagnostic>* diagnostics);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_COMPOSE_FILE_H_
