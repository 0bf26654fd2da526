// From the spec of a RUN to what the sandbox is asked for.
#ifndef KASANE_SRC_STEPS_RUN_REQUEST_H_
#define KASANE_SRC_STEPS_RUN_REQUEST_H_

#include "absl/status/statusor.h"
#include "src/contract/spec.h"
#include "src/sandbox/sandbox.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

// Everything but the callbacks. kUnimplemented and kInvalidArgument carry messages for the user, as does
// kNotFound (an unknown user).
absl::StatusOr<SandboxOptions> MakeSandboxOptions(const RunSpec& spec, const Store& store, const Tree& below);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_REQUEST_H_
