// Whether bytes begin an archive, without unpacking it.
#ifndef KASANE_SRC_OCI_ARCHIVE_HEADER_H_
#define KASANE_SRC_OCI_ARCHIVE_HEADER_H_

#include "absl/strings/string_view.h"

namespace kasane {

// True if `header`, the first 1024 bytes (or all there are), begins as gzip, bzip2, xz or zstd does, or with
// the header of a tar: what tells a context from a Dockerfile (BuildKit's archiveutil.IsArchive).
bool IsArchiveHeader(absl::string_view header);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_ARCHIVE_HEADER_H_
