// From overlayfs's upper directory to a delta.
#ifndef KASANE_SRC_SANDBOX_FREEZE_H_
#define KASANE_SRC_SANDBOX_FREEZE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "src/store/store.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

struct FreezeOptions {
  // Seconds since 1970; if set, the mtime of all that the delta holds.
  absl::optional<int64_t> epoch;
  // Directories that exist only because something was mounted on or below them, relative paths: they become
  // part of the delta if something was made in them.
  std::vector<std::string> stub_directories;
  // Mount points that stay behind as empty directories where the tree below has none (measured: BuildKit's
  // runc leaves dev, proc and sys).
  std::vector<std::string> left_behind;
  // Files that exist only to be mounted on.
  std::vector<std::string> stub_files;
  // `upper` is no upper directory but all that the RUN saw (plain_root.h), stubs too: what is below and not
  // here was deleted, and what is as it was below is no change.
  bool whole = false;
};

// What the upper directory `upper` changes in `below`, and its files' contents moved into the store: the
// directory is spoilt by this. Nobody may write to it any more. Rules, all as BuildKit's overlay differ has
// them (measured):
//  - What was copied up and is as it was below (type, mode, owner, xattrs, size, mtime, content) is no
//  change. So one
//    new name of a file that already was there comes as a file of its own.
//  - A directory is in the delta if it is new, if its mode, owner or xattrs changed, or if something in it
//  did; then
//    with its mtime. If its mtime is the one that lowerfs shows for all directories, it was only copied up:
//    it is `implied`. A directory whose mtime alone changed is no change.
//  - The root's metadata is never in it.
//  - What an opaque directory hides comes as whiteouts, one for each name; no entry is marked opaque.
// Names that share an inode form a link group. overlayfs's own xattrs are left out.
absl::StatusOr<Delta> FreezeUpper(Store* store, const std::string& upper, const Tree& below,
                                  const FreezeOptions& options);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_FREEZE_H_
