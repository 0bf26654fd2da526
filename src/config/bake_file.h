// docker-bake.json, as `docker buildx bake` reads it.
#ifndef KASANE_SRC_CONFIG_BAKE_FILE_H_
#define KASANE_SRC_CONFIG_BAKE_FILE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"
#include "src/config/variables.h"
#include "src/config/workspace_file.h"

namespace kasane {

// Variables have the values that `environment` gives them, else their defaults. Targets that no group names
// and whose name begins with '_' are templates. False: an error is among the diagnostics; warnings are about
// what means nothing here, as places for caches.
bool ReadBakeFile(absl::string_view text, const std::string& file, const Variables& environment,
                  Workspace* workspace, std::vector<Diagnostic>* diagnostics);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_BAKE_FILE_H_
