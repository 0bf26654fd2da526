// Scratch directories in `tmp/` of a store: each has a lock file beside it, held by its process and the
// processes that inherited the descriptor. So what a killed process leaves is told from what a living one
// uses.
#ifndef KASANE_SRC_STORE_SCRATCH_H_
#define KASANE_SRC_STORE_SCRATCH_H_

#include <string>

namespace kasane {

// Asks ext4 to put each scratch directory into a part of the disk of its own (chattr(1), +T). It does not use
// the inodes of files again that were deleted within the last minutes, and passes over them one by one: where
// a RUN's files were taken down, those of the next cost twice their time to make. Elsewhere nothing happens.
void SpreadScratch(const std::string& tmp_directory);

// Removes the scratch of processes that are gone. Failures are left to the next call.
void RemoveDeadScratch(const std::string& tmp_directory);

}  // namespace kasane

#endif  // KASANE_SRC_STORE_SCRATCH_H_
