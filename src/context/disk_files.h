// What a source word of COPY stands for on the disk, whatever the ignore file says of it.
#ifndef KASANE_SRC_CONTEXT_DISK_FILES_H_
#define KASANE_SRC_CONTEXT_DISK_FILES_H_

#include <cstddef>
#include <string>
#include <vector>

namespace kasane {

// Counts the files that `source` (a path below `root`, wildcards as in glob.h) stands for, up to `limit`: a
// directory stands for what is below it, a symlink for itself. `exclude` as ScanContext's. Reads only
// directories that the word leads through, so it is cheap in a context of any size.
size_t CountDiskFiles(const std::string& root, const std::string& source,
                      const std::vector<std::string>& exclude, size_t limit);

}  // namespace kasane

#endif  // KASANE_SRC_CONTEXT_DISK_FILES_H_
