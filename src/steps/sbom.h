// The sbom step: a statement that lists the software in an image.
#ifndef KASANE_SRC_STEPS_SBOM_H_
#define KASANE_SRC_STEPS_SBOM_H_

#include <string>

#include "absl/status/statusor.h"
#include "src/base/json.h"
#include "src/contract/record.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"

namespace kasane {

// Has no key: it runs only if a record that it reads has changed.
absl::StatusOr<StepOutcome> RunSbomStep(const SbomSpec& spec, const StepContext& context);

// Keeps a statement and writes the record that names it.
absl::StatusOr<StepOutcome> FinishStatement(const char* kind, const char* predicate_type,
                                            const std::string& statement, const StepContext& context);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_SBOM_H_
