#include "src/oci/tar_header.h"

#include <cstring>

namespace kasane {
namespace {

// Of eight bytes at once, in four sums that 64 words do not overflow.
uint32_t SumOfBytes(const char* block) {
  constexpr uint64_t kEveryOther = 0x00ff00ff00ff00ff;
  uint64_t sums = 0;
  for (size_t i = 0; i < kTarBlock; i += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, block + i, sizeof(word));
    sums += (word & kEveryOther) + (word >> 8 & kEveryOther);
  }
  return static_cast<uint32_t>((sums & 0xffff) + (sums >> 16 & 0xffff) + (sums >> 32 & 0xffff) +
                               (sums >> 48));
}

}  // namespace

uint32_t TarChecksum(const char* block, bool as_signed) {
  if (!as_signed) {
    uint32_t sum = SumOfBytes(block);
    for (size_t i = kTarChecksum.offset; i < kTarChecksum.offset + kTarChecksum.size; ++i) {
      sum += static_cast<uint32_t>(' ') - static_cast<unsigned char>(block[i]);
    }
    return sum;
  }
  uint32_t sum = 0;
  for (size_t i = 0; i < kTarBlock; ++i) {
    char c = block[i];
    if (i >= kTarChecksum.offset && i < kTarChecksum.offset + kTarChecksum.size) c = ' ';
    sum += static_cast<uint32_t>(static_cast<signed char>(c));
  }
  return sum;
}

}  // namespace kasane
