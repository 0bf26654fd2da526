// What of a RUN's last trace is asked ahead of it (src/sandbox/ask_ahead.h).
#ifndef KASANE_SRC_STEPS_RUN_AHEAD_H_
#define KASANE_SRC_STEPS_RUN_AHEAD_H_

#include "src/sandbox/ask_ahead.h"
#include "src/sandbox/frequent_files.h"
#include "src/trace/path_set.h"
#include "src/tree/tree.h"

namespace kasane {

// What `last` asked, as far as the answer is the base image's: what has been recorded would otherwise be
// asked, and recorded, for ever, though the RUN itself asks it no more. Nothing if it is not worth a process.
AskedAhead WhatToAskAhead(const PathSet& last, const Tree& shown, const Tree& base,
                          const FrequentFiles& frequent);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_AHEAD_H_
