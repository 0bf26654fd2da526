// A build as it goes on, from what its steps tell; and how it is shown.
#ifndef KASANE_GENERATOR_BUILD_PROGRESS_H_
#define KASANE_GENERATOR_BUILD_PROGRESS_H_

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "src/contract/progress.h"

namespace kasane {

struct ShownStep {
  enum class State { kRunning, kRan, kHit, kFailed };
  int number = 0;  // from 1, in the order in which they begin
  std::string title;
  State state = State::kRunning;
  absl::Time began, ended;
  double last = 0;               // seconds that a hit took when it last ran; 0: not known
  std::deque<std::string> tail;  // the last whole lines of its log
  std::string line;              // what it has begun to write
};

// The steps that have been heard of.
class BuildProgress {
 public:
  // `title` says what a step is called that calls itself `text` ("": nothing); `seconds`, how long it took
  // when it last ran.
  BuildProgress(std::function<std::string(const std::string& step, const std::string& text)> title,
                std::function<double(const std::string& step)> seconds)
      : title_(std::move(title)), seconds_(std::move(seconds)) {}

  // The step that it is about. `lines` (may be null) gets the lines that a log is longer by.
  const ShownStep* Take(const StepNews& news, absl::Time now, std::vector<std::string>* lines);
  std::vector<const ShownStep*> Running() const;  // in the order in which they began
  bool Knows(const std::string& step) const { return steps_.count(step) > 0; }
  bool Ran(const std::string& step) const;

 private:
  const std::function<std::string(const std::string&, const std::string&)> title_;
  const std::function<double(const std::string&)> seconds_;
  std::map<std::string, ShownStep> steps_;
};

// The line of a step that has ended, as on a terminal of so many columns: " => RUN make  1.2s".
std::string EndLine(const ShownStep& step, size_t columns);
// What is running, with the last lines of each, in no more than so many lines.
std::vector<std::string> RunningLines(const BuildProgress& progress, absl::Time now, size_t columns,
                                      size_t lines);
// Without what moves a terminal's cursor or colours it.
std::string PlainLine(absl::string_view line);

}  // namespace kasane

#endif  // KASANE_GENERATOR_BUILD_PROGRESS_H_
