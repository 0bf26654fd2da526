// What processes that were killed left beside the files that they were about to replace.
#ifndef KASANE_SRC_BASE_DEAD_TEMPORARIES_H_
#define KASANE_SRC_BASE_DEAD_TEMPORARIES_H_

#include <string>

namespace kasane {

// Removes the temporary files of WriteFileAtomic and its like, named PREFIX*.PID.tmp and PREFIX*.PID.N.tmp
// whose process is gone. Best effort.
void RemoveDeadTemporaries(const std::string& prefix);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_DEAD_TEMPORARIES_H_
