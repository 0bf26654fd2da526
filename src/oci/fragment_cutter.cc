#include "src/oci/fragment_cutter.h"

namespace kasane {
namespace {

// FNV-1a with a finaliser: few lines, and the same everywhere (absl::Hash is seeded per process).
uint64_t PathHash(absl::string_view path) {
  uint64_t h = 0xcbf29ce484222325;
  for (char c : path) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccd;
  return h ^ (h >> 33);
}

}  // namespace

bool CutBefore(absl::string_view path, uint64_t member_size, uint64_t fragment_size) {
  if (fragment_size < kMinFragment) return false;
  if (fragment_size + member_size > kMaxFragment) return true;
  // With probability member_size / kMeanFragment.
  return PathHash(path) % kMeanFragment < member_size;
}

}  // namespace kasane
