// `gen` alone where a kasane.toml is (src/config/workspace_file.h): all its images, and one build.ninja
// around them.
//
// An image NAME has the build directory .kasane/NAME, as if `gen -C .kasane/NAME` had been typed.
// .kasane/workspace.ninja takes its image.ninja in and adds the targets NAME, NAME-archive, NAME-push, groups
// and all-images; like an image.ninja it has no default, pool or builddir. build.ninja is a constant stub
// around it, or somebody's own that takes it in:
//   subninja .kasane/workspace.ninja
//   build build.ninja: phony .kasane/current
// An image on another one is made of that one's record (`--build-context NAME=build://.kasane/OTHER`).
#ifndef KASANE_GENERATOR_WORKSPACE_H_
#define KASANE_GENERATOR_WORKSPACE_H_

#include <string>
#include <vector>

#include "generator/compile.h"

namespace kasane {

// What gen bake looks for, the first that is there.
inline constexpr const char* kBakeFiles[] = {"docker-bake.json", "compose.yaml", "compose.yml",
                                             "docker-compose.yaml", "docker-compose.yml"};

// `words`: options for every image. `file`: kasane.toml; else a compose.yaml (*.yaml, *.yml: compose_file.h)
// or a file for `docker buildx bake` (bake_file.h). Returns an exit code.
int GenerateWorkspace(const std::vector<std::string>& words, const std::string& file,
                      const Programs& programs, Messages* messages);

// `gen lock` and `gen check` there: of each image of the kasane.toml. `out` gets what they say of each.
enum class WorkspaceTask { kGenerate, kLock, kCheck };
int WorkspaceCommand(WorkspaceTask task, const std::vector<std::string>& words, const Programs& programs,
                     bool color, std::string* out, Messages* messages);

// The state directories of its images, as seen from its own.
std::vector<std::string> StatesOfWorkspace();

}  // namespace kasane

#endif  // KASANE_GENERATOR_WORKSPACE_H_
