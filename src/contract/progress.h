// What the steps of a build tell whoever has started ninja, while they run. Where nobody listens, as under
// plain ninja, all of this does nothing.
//
// KASANE_PROGRESS is the number of a descriptor that ninja leaves open for its commands: an end of a socket
// pair (SOCK_SEQPACKET, so a message is whole or is none); behind a blank the step may be named, if the
// program is to go on with another's. Each message is JSON:
//   {"event":"start","step":".kasane/records/0/3-run.json","text":"RUN make"}   text: may be empty
//   {"event":"log","step":"..","text":".."}                                     what a RUN has written
//   {"event":"end","step":"..","text":"ran RUN make 1.2 s: first time","ok":true}
// step: the record's path, as ninja names it. A step that is killed has no end.
#ifndef KASANE_SRC_CONTRACT_PROGRESS_H_
#define KASANE_SRC_CONTRACT_PROGRESS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace kasane {

inline constexpr char kProgressVariable[] = "KASANE_PROGRESS";

// One step's end.
class Progress {
 public:
  Progress() = default;  // nobody listens
  // The descriptor is taken out of what programs that this process executes get.
  static Progress FromEnvironment(absl::string_view step);

  bool on() const { return fd_ >= 0; }
  void Start(absl::string_view text) const { Tell("start", text, true); }
  void Log(absl::string_view text) const;
  void End(absl::string_view text, bool ok) const { Tell("end", text, ok); }
  // For a program that goes on with this step: the descriptor is left open for it.
  void HandOn() const;

 private:
  void Tell(const char* event, absl::string_view text, bool ok) const;

  int fd_ = -1;
  std::string step_;
};

// A message, as the other side reads it.
struct StepNews {
  enum class Kind { kStart, kLog, kEnd };
  Kind kind = Kind::kStart;
  std::string step, text;
  bool ok = true;
};
absl::optional<StepNews> ParseStepNews(absl::string_view message);  // null: it is none

inline constexpr size_t kLongestNews = 32 << 10;

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_PROGRESS_H_
