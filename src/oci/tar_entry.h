// What a member of a tar is in a tree.
#ifndef KASANE_SRC_OCI_TAR_ENTRY_H_
#define KASANE_SRC_OCI_TAR_ENTRY_H_

#include "absl/strings/string_view.h"
#include "src/oci/tar_header.h"
#include "src/tree/entry.h"

namespace kasane {

// A hard link is a file until it is replaced by what it links to.
EntryType EntryTypeOf(TarType type);

// Attributes of the machine that made the tar, or of overlayfs, which would believe them: containerd does
// not restore them either.
bool IsForeignXattr(absl::string_view name);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_TAR_ENTRY_H_
