// Where the time of a process goes: stretches of work, for `gen --stats` and `gen --trace=FILE`.
//
// The trace file is Chrome's (chrome://tracing, ui.perfetto.dev): an array of events, of which the closing
// bracket may be missing. So processes append to one file, each with a single write, and nobody has to be the
// last.
#ifndef KASANE_SRC_BASE_TIMELINE_H_
#define KASANE_SRC_BASE_TIMELINE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace kasane {

struct Stretch {
  std::string name;
  int64_t start = 0;     // microseconds of the machine's clock since it was started
  int64_t duration = 0;  // microseconds
  int64_t cpu = 0;       // of all threads of the process, user and system
  int64_t count = -1;    // of what the work was about, and what that is
  const char* unit = "";
};

// Stretches are kept from here on. Without it, a Span costs next to nothing.
void StartTimeline();
bool TimelineIsOn();
// In the order in which they began. Those that are not over are not in it.
std::vector<Stretch> TimelineSoFar();

// A stretch from its construction to its destruction. Used by one thread.
class Span {
 public:
  explicit Span(absl::string_view name);
  ~Span() { End(); }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;
  void Count(size_t count, const char* unit);
  void End();

 private:
  bool on_;
  Stretch stretch_;
};

// Begins a trace file, in place of one that is there.
absl::Status BeginTrace(const std::string& path);
// Adds this process's timeline; `process` is shown as its name.
absl::Status AppendToTrace(const std::string& path, absl::string_view process);

// `.kasane/trace` (`dir` is .kasane): the file that steps add their timelines to, absolute. There only after
// `gen --trace=FILE`, and outside of every command, so that tracing makes nothing dirty. An empty `file`
// takes it away.
absl::Status WriteTraceNote(const std::string& dir, const std::string& file);
std::string ReadTraceNote(const std::string& dir);  // "" if there is none

}  // namespace kasane

#endif  // KASANE_SRC_BASE_TIMELINE_H_
