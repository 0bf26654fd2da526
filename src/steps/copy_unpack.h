// Where ADD puts the members of an archive.
#ifndef KASANE_SRC_STEPS_COPY_UNPACK_H_
#define KASANE_SRC_STEPS_COPY_UNPACK_H_

#include "absl/status/status.h"
#include "src/steps/copy_archive.h"
#include "src/steps/copy_target.h"

namespace kasane {

struct CopyPlacement;

// The rules (BuildKit 0.34: Docker's unpacking in a chroot, measured):
// - The destination is a directory, whatever it ends in; links to it are followed; it and its missing parents
//   are made as COPY makes them, but always 0755.
// - Names count from the destination: a leading '/' and ".." at the front mean nothing, and links on the way
// to a
//   member are followed as if the destination were "/". Nothing outside of it is ever touched.
// - Missing parents are 0755 and root's. A directory that is there gets the member's metadata; anything else
// that
//   is there is replaced, a directory too, with all that it holds. "." is passed over.
// - Owners are the archive's, or those of --chown; --chmod and --exclude do not count.
// - A hard link may lead to what was there before; its own owner, mode and times become those of the file.
// Not the
//   mode and times if it links to a symlink.
// - Times before 1970, or after what nanoseconds in 64 bits can say (2262), are 1970.
// A failure's message is for the user; the target is then of no use.
absl::Status PlaceArchive(const Archive& archive, const CopyPlacement& placement, CopyTarget* target);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COPY_UNPACK_H_
