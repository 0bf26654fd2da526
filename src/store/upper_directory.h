// Directories as overlayfs leaves them in an upper directory, with whiteouts and opaque directories.
#ifndef KASANE_SRC_STORE_UPPER_DIRECTORY_H_
#define KASANE_SRC_STORE_UPPER_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"

namespace kasane {

// Adds what is in the upper directory `source` to that in `target`, which is made if it is not there, so that
// a lower directory `target` stands for both, `source` on top. Files are hard links where both are on one
// file system, else copies. Whiteouts stay: there may be more below. Of extended attributes only overlayfs's
// mark of an opaque directory comes along.
absl::Status LayOnTop(const std::string& source, const std::string& target);
// The same on one file system, by moving: as many operations as `source` has entries beside or on those of
// `target`, for of a directory that is new there all comes at once, extended attributes too. What remains of
// `source`, or of both after a failure, is good for nothing.
absl::Status MoveOnTop(const std::string& source, const std::string& target);

}  // namespace kasane

#endif  // KASANE_SRC_STORE_UPPER_DIRECTORY_H_
