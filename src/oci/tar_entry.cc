#include "src/oci/tar_entry.h"

#include "absl/strings/match.h"

namespace kasane {

EntryType EntryTypeOf(TarType type) {
  switch (type) {
    case TarType::kFile:
    case TarType::kHardLink:
      break;
    case TarType::kSymlink:
      return EntryType::kSymlink;
    case TarType::kCharDevice:
      return EntryType::kCharDevice;
    case TarType::kBlockDevice:
      return EntryType::kBlockDevice;
    case TarType::kDirectory:
      return EntryType::kDirectory;
    case TarType::kFifo:
      return EntryType::kFifo;
  }
  return EntryType::kFile;
}

bool IsForeignXattr(absl::string_view name) {
  return absl::StartsWith(name, "trusted.") || absl::StartsWith(name, "user.overlay.");
}

}  // namespace kasane
