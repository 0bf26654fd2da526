// Where a COPY puts what it copies, entry by entry.
#ifndef KASANE_SRC_STEPS_COPY_PLACE_H_
#define KASANE_SRC_STEPS_COPY_PLACE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "src/contract/mode_change.h"
#include "src/steps/common_user.h"
#include "src/steps/copy_archive.h"
#include "src/steps/copy_target.h"
#include "src/tree/entry.h"

namespace kasane {

// One entry of a source. A directory comes before what is in it.
struct CopyEntry {
  std::string relative;      // below the item; "" is the item itself
  bool parent_only = false;  // see SelectedEntry
  Entry entry;               // as it is in the source, with the owner that COPY gives it without --chown
  uint64_t link = 0;         // entries of one item with the same number, not 0, share an inode
};

// What one source word, or one match of its wildcards, gives; entries[0] is the item itself.
struct CopyItem {
  std::string name;
  std::vector<CopyEntry> entries;
  std::shared_ptr<const Archive> archive;  // the item is one, and is to be unpacked
  bool whole = false;  // a directory that becomes the destination, metadata and all, if nothing is there
};

struct CopyPlacement {
  std::string destination;  // absolute; a '/' or "/." at its end means "into"
  absl::optional<Owner> owner;
  ModeChange mode;
  Timestamp now;         // of directories that are made
  bool all_now = false;  // every mtime is `now`: there is an epoch
};

// The rules (BuildKit 0.34, measured):
// - Links in the destination are followed, inside the tree; what is missing is made.
// - A file goes into a destination that is a directory or ends in '/', under its name; else it is the
//   destination.
// - A directory's contents go into the destination, which keeps its mode and owner if it was there, is 0755
//   if it was not, and gets the source's mtime either way. Directories inside it get the source's mode,
//   owner and mtime, there before or not.
// - A file replaces anything but a directory. A directory replaces nothing, a link to a directory neither.
// - --chown goes for all that is made, parents too; --chmod for all but links, and see
//   ModeChange::MadeDirectoryMode.
// - Hard links stay hard links within one item.
// - A socket becomes an empty file, a block device a character device of the same numbers (its copier
//   clears the bits of S_IFSOCK, which S_IFBLK shares, from every special file's mode).
// - An archive is unpacked into the destination (copy_unpack.h).
// The items are used up. A failure's message is for the user; the target is then of no use.
absl::Status PlaceCopies(std::vector<CopyItem> items, const CopyPlacement& placement, CopyTarget* target);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COPY_PLACE_H_
