// One member of a tar archive, as the writer takes it and the reader gives it, and the layout of a header
// block.
#ifndef KASANE_SRC_OCI_TAR_HEADER_H_
#define KASANE_SRC_OCI_TAR_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/tree/entry.h"

namespace kasane {

inline constexpr size_t kTarBlock = 512;

// POSIX type flags, and those of GNU and PAX that carry a header for the next member.
enum class TarType : char {
  kFile = '0',
  kHardLink = '1',
  kSymlink = '2',
  kCharDevice = '3',
  kBlockDevice = '4',
  kDirectory = '5',
  kFifo = '6',
};

struct TarHeader {
  std::string name;  // as it stands in the archive: a directory's ends in '/'
  TarType type = TarType::kFile;
  uint32_t mode = 0;  // low 12 bits
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint64_t size = 0;    // files only, else 0
  bool sparse = false;  // of the reader: the archive holds the content with holes cut out
  Timestamp mtime;      // the writer refuses nanoseconds
  std::string link_name;
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  std::vector<std::pair<std::string, std::string>> xattrs;  // SCHILY.xattr.*, sorted by name
};

// A field of the header block.
struct TarField {
  size_t offset;
  size_t size;
};
inline constexpr TarField kTarName{0, 100};
inline constexpr TarField kTarMode{100, 8};
inline constexpr TarField kTarUid{108, 8};
inline constexpr TarField kTarGid{116, 8};
inline constexpr TarField kTarSize{124, 12};
inline constexpr TarField kTarMtime{136, 12};
inline constexpr TarField kTarChecksum{148, 8};
inline constexpr TarField kTarTypeFlag{156, 1};
inline constexpr TarField kTarLinkName{157, 100};
inline constexpr TarField kTarMagic{257, 8};  // with the version
inline constexpr TarField kTarDeviceMajor{329, 8};
inline constexpr TarField kTarDeviceMinor{337, 8};
inline constexpr TarField kTarPrefix{345, 155};

inline constexpr absl::string_view kUstarMagic("ustar\00000", 8);
inline constexpr absl::string_view kXattrPrefix = "SCHILY.xattr.";

// The bytes from the end of a content of `size` bytes to the next block.
inline size_t TarPadding(uint64_t size) {
  return static_cast<size_t>((kTarBlock - size % kTarBlock) % kTarBlock);
}

// The sum of a header block's bytes, its checksum field taken as blanks.
uint32_t TarChecksum(const char* block, bool as_signed);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_TAR_HEADER_H_
