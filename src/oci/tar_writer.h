// Tar headers, byte for byte as Go's archive/tar writes them for containerd (so that a layer can have the
// diff_id that BuildKit gives it): USTAR where it can say everything, else PAX records, sorted by key, before
// a USTAR header; never GNU records. User and group names are empty, devices 0, no access or change times.
#ifndef KASANE_SRC_OCI_TAR_WRITER_H_
#define KASANE_SRC_OCI_TAR_WRITER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/oci/tar_header.h"

namespace kasane {

// Appends the blocks before the member's content. kInvalidArgument if the format cannot say it (device
// numbers above 2097151, nanoseconds, a NUL in a name).
absl::Status AppendTarHeader(const TarHeader& header, std::string* out);

// How many bytes AppendTarHeader appends, or its error; mostly without making them.
absl::StatusOr<size_t> TarHeaderSize(const TarHeader& header);

// Appends zeros up to the next block, after `size` bytes of content.
void AppendTarPadding(uint64_t size, std::string* out);

// Appends the end of an archive: two zero blocks, no blocking to 10 KiB.
void AppendTarEnd(std::string* out);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_TAR_WRITER_H_
