// compose.yaml: the images that its services build, as a workspace.
//
// Read are `build` (all of it but what only its own engine can mean, which gets a warning), `image` and
// `platform` of services, and the files and variables behind `secrets`. A service without `build` is none of
// our business. Paths are seen from the file's directory, a Dockerfile's from its context. Variables,
// anchors, merge keys, x- fields, `extends` and `include` (compose_project.h) are as the Compose
// specification has them. A service that extends another one that builds is an image of its own.
#ifndef KASANE_SRC_CONFIG_COMPOSE_FILE_H_
#define KASANE_SRC_CONFIG_COMPOSE_FILE_H_

#include <map>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/config/compose_project.h"
#include "src/config/variables.h"
#include "src/config/workspace_file.h"

namespace kasane {

// False: an error is among the diagnostics; warnings may be there in any case. `file`: its path.
// `environment`: variables that count more than a .env's. `texts`: what was read (ComposeProject).
bool ReadComposeFile(const std::string& file, const FileReader& read, const Variables& environment,
                     Workspace* workspace, std::map<std::string, std::string>* texts,
                     std::vector<Diagnostic>* diagnostics);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_COMPOSE_FILE_H_
