// Memory that is freed is kept for what comes next (generator/main.cc says why), which after work on very
// many things is more than anything that comes next.
#ifndef KASANE_SRC_BASE_RELEASE_MEMORY_H_
#define KASANE_SRC_BASE_RELEASE_MEMORY_H_

#include <cstddef>

namespace kasane {

// After work on so many files or entries: gives what is free back to the kernel, if it is worth the time.
void ReleaseMemoryAfter(size_t count);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_RELEASE_MEMORY_H_
