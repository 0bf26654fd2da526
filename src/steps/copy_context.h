// A COPY's entries out of a context directory, contents brought into the store.
#ifndef KASANE_SRC_STEPS_COPY_CONTEXT_H_
#define KASANE_SRC_STEPS_COPY_CONTEXT_H_

#include <cstddef>
#include <future>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/context/context_state.h"
#include "src/context/scan.h"
#include "src/context/select.h"
#include "src/steps/copy_place.h"
#include "src/store/store.h"

namespace kasane {

struct ContextToIngest {
  std::string root;
  ContextScan scan;
  Selection selection;     // of `scan`
  std::string state_path;  // InputStatePath; "": nothing is known of before, nor to be kept
  std::string salt;        // for the state
  // So many entries take more memory than they may if a thread still needs what they are made of.
  size_t many = 200000;
};

struct IngestedContext {
  std::vector<CopyItem> items;
  // That the state file has been written, of every input as lstat and the hash found it. It says what was
  // read, so it is right whatever becomes of the step. Wait for it before the record is written: a record
  // without its state would be one that gen knows nothing about.
  std::future<absl::Status> state_written;
};

// Files that the state of before knows, and whose facts still hold, are not read, as long as the store has
// their contents. All others are read once, by several threads: the bytes that are hashed are the bytes that
// are stored, and a file that changed meanwhile is read again. Owners are 0:0. kUnavailable: a file kept
// changing. Of a million entries nothing is in memory twice but what becomes of them.
absl::StatusOr<IngestedContext> IngestContext(Store* store, ContextToIngest from);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COPY_CONTEXT_H_
