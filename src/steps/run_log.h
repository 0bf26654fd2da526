// The output of a RUN: to its log file, live to the terminal if the step has it, and the last lines for a
// failure.
#ifndef KASANE_SRC_STEPS_RUN_LOG_H_
#define KASANE_SRC_STEPS_RUN_LOG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/base/file.h"
#include "src/contract/progress.h"
#include "src/store/store.h"

namespace kasane {

class RunLog {
 public:
  // `path` may be empty: then no file stays behind.
  // `live`: to standard output too, unless `progress` has a listener, who gets it then.
  static absl::StatusOr<RunLog> Open(const std::string& path, bool live, const Progress& progress);

  void Append(absl::string_view text);
  // The last 20 lines, each ending in a newline; with a first line that says so if there were more.
  absl::StatusOr<std::string> Tail() const;
  // All of it, as a blob. Not OK also if something could not be written.
  absl::StatusOr<Digest> Save(Store* store);

 private:
  UniqueFd file_;
  bool live_ = false;
  Progress progress_;
  absl::Status status_;
};

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_LOG_H_
