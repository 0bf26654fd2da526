// docker-bake.json, as `docker buildx bake` reads it, told as a kasane.toml (workspace_file.h).
#ifndef KASANE_SRC_CONFIG_BAKE_FILE_H_
#define KASANE_SRC_CONFIG_BAKE_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

// The text of a kasane.toml with the same images and groups. Variables have the values that `environment`
// gives them, else their defaults. Targets that no group names and whose name begins with '_' are templates.
// `warnings`: about what means nothing here, as places for caches. kInvalidArgument, for the user: what is
// not supported.
absl::StatusOr<std::string> WorkspaceOfBakeFile(
    absl::string_view text, absl::optional<std::string> (*environment)(const std::string& name),
    std::vector<std::string>* warnings);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_BAKE_FILE_H_
