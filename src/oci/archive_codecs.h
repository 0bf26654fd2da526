// Decompression that only archives of users have, not layers: bzip2 and xz.
#ifndef KASANE_SRC_OCI_ARCHIVE_CODECS_H_
#define KASANE_SRC_OCI_ARCHIVE_CODECS_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "src/oci/compression.h"

namespace kasane {

// By magic number (six bytes are enough); null if it is neither. Both take several streams one after another.
std::unique_ptr<Decompressor::Codec> NewArchiveCodec(absl::string_view first_bytes);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_ARCHIVE_CODECS_H_
