// What a person at a terminal, or a script, does to a process that runs elsewhere: keys, window sizes,
// signals.
#ifndef KASANE_SRC_CONTAINERS_ATTEND_H_
#define KASANE_SRC_CONTAINERS_ATTEND_H_

#include <sys/types.h>
#include <termios.h>

namespace kasane {

// While it lives, a terminal passes every key on as it is. Does nothing to what is no terminal.
class RawTerminal {
 public:
  explicit RawTerminal(int fd);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  const int fd_;
  bool changed_ = false;
  termios before_ = {};
};

// Blocks the signals that Attend takes, in this thread and those that it starts from now on; a program that
// is executed later in a sandbox has them again.
void HoldSignals();

// Passes on to `process` (0: to nobody) the signals that HoldSignals holds, and, if `console` is not -1,
// standard input to it and what comes from it to standard output, with the size of our terminal, until
// `ended` is readable; then what is left of the output.
void Attend(pid_t process, int console, int ended);

}  // namespace kasane

#endif  // KASANE_SRC_CONTAINERS_ATTEND_H_
