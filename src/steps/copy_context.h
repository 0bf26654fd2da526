// A COPY's entries out of a context directory, contents brought into the store.
#ifndef KASANE_SRC_STEPS_COPY_CONTEXT_H_
#define KASANE_SRC_STEPS_COPY_CONTEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/context/context_state.h"
#include "src/context/scan.h"
#include "src/context/select.h"
#include "src/steps/copy_place.h"
#include "src/store/store.h"

namespace kasane {

struct IngestedContext {
  std::vector<CopyItem> items;
  std::vector<InputFact> facts;  // of every input, as lstat and the hash found it, in PathLess order
};

// Files that `before` knows, and whose facts still hold, are not read, as long as the store has their
// contents. All others are read once, by several threads: the bytes that are hashed are the bytes that are
// stored, and a file that changed meanwhile is read again. Owners are 0:0. kUnavailable: a file kept
// changing; kNotFound: it vanished.
absl::StatusOr<IngestedContext> IngestContext(Store* store, const std::string& root, const ContextScan& scan,
                                              const Selection& selection, InputState before);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COPY_CONTEXT_H_
