#include "src/oci/tar_header.h"

namespace kasane {

uint32_t TarChecksum(const char* block, bool as_signed) {
  uint32_t sum = 0;
  for (size_t i = 0; i < kTarBlock; ++i) {
    char c = block[i];
    if (i >= kTarChecksum.offset && i < kTarChecksum.offset + kTarChecksum.size) c = ' ';
    sum += static_cast<uint32_t>(as_signed ? static_cast<int>(static_cast<signed char>(c))
                                           : static_cast<int>(static_cast<unsigned char>(c)));
  }
  return sum;
}

}  // namespace kasane
