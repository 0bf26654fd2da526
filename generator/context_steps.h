// Steps that gen has run for it, before there is a build: they bring the main context when it is no
// directory.
#ifndef KASANE_GENERATOR_CONTEXT_STEPS_H_
#define KASANE_GENERATOR_CONTEXT_STEPS_H_

#include <string>

#include "absl/status/statusor.h"
#include "src/plan/plan.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

// The name of the context whose directory is `.kasane/inputs`; COPY knows it as "context:-". No
// --build-context can have it.
inline constexpr char kInputsContext[] = "-";

// The tree of a context of files. `gen`: the program, started once for each step; what the steps find stays
// in the store, so that the edges of the build find it there. `inputs`: the directory that stands for
// `.kasane/inputs`; `secrets`: the text of its secrets.json. A message is what the step says.
absl::StatusOr<Tree> MakeContextTree(const std::string& gen, Store* store, const PlanContext& context,
                                     const std::string& inputs, const std::string& secrets);

// The time of the newest file, in seconds since 1970; none if there is no file, or none with a time.
Epoch NewestFile(const Tree& tree);

// The text of a file of the tree; links are followed as if its root were "/". kNotFound.
absl::StatusOr<std::string> ReadTreeFile(const Store& store, const Tree& tree, const std::string& path);

}  // namespace kasane

#endif  // KASANE_GENERATOR_CONTEXT_STEPS_H_
