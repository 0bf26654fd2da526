// The signals that end a build, held back and read from a descriptor.
#ifndef KASANE_GENERATOR_HELD_SIGNALS_H_
#define KASANE_GENERATOR_HELD_SIGNALS_H_

#include <csignal>

#include "src/base/file.h"

namespace kasane {

// SIGINT, SIGTERM and SIGHUP, as long as it lives.
class HeldSignals {
 public:
  HeldSignals();
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  int fd() const { return fd_.get(); }  // readable when there is one
  int Take();                           // the next; 0: none

 private:
  sigset_t set_, before_;
  UniqueFd fd_;
};

}  // namespace kasane

#endif  // KASANE_GENERATOR_HELD_SIGNALS_H_
