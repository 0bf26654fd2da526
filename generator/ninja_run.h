// Runs ninja as a child and listens to what its steps tell (src/contract/progress.h). The build is the one
// that ninja makes when it is typed by hand: commands, logs and results are the same.
#ifndef KASANE_GENERATOR_NINJA_RUN_H_
#define KASANE_GENERATOR_NINJA_RUN_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/contract/progress.h"

namespace kasane {

struct NinjaRequest {
  std::vector<std::string> words;  // behind "ninja"
  std::function<void(const StepNews&)> on_news;
  std::function<void()> on_tick;  // now and then; may be null
  int tick = 100;                 // milliseconds
};

struct NinjaEnd {
  int exit_code = 0;
  int signal = 0;      // that we were sent meanwhile (SIGINT, SIGTERM, SIGHUP) and passed on; 0: none
  std::string output;  // all that it has printed
};

// The program is $NINJA, else the "ninja" in the PATH. Not OK: it cannot be run.
absl::StatusOr<NinjaEnd> RunNinja(const NinjaRequest& request);

// Of ninja's output under RunNinja what people want to read when a build has failed: what commands have said,
// without their titles and their text.
std::string WhatWentWrong(absl::string_view output);

}  // namespace kasane

#endif  // KASANE_GENERATOR_NINJA_RUN_H_
