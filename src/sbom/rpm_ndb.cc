#include "src/sbom/rpm_ndb.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/match.h"

namespace kasane {
namespace {

constexpr uint64_t kHead = 32;
constexpr uint64_t kPage = 4096;
constexpr uint64_t kSlot = 16;
constexpr uint64_t kBlock = 16;
constexpr uint64_t kBlobHead = 16;

// The caller has checked that it is there.
uint64_t Number(absl::string_view bytes, uint64_t at) {
  uint64_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

bool IsRpmNdb(absl::string_view bytes) {
  return bytes.size() >= kHead && absl::StartsWith(bytes, "RpmP") && Number(bytes, 4) == 0;
}

std::vector<std::string> RpmNdbHeaders(absl::string_view bytes) {
  std::vector<std::string> headers;
  if (!IsRpmNdb(bytes)) return headers;
  const uint64_t end = std::min<uint64_t>(Number(bytes, 12) * kPage, bytes.size());
  uint64_t total = 0;  // blobs do not overlap
  for (uint64_t slot = kHead; slot + kSlot <= end; slot += kSlot) {
    if (bytes.substr(slot, 4) != "Slot" || Number(bytes, slot + 4) == 0) continue;
    const uint64_t blob = Number(bytes, slot + 8) * kBlock;
    if (blob + kBlobHead > bytes.size() || bytes.substr(blob, 4) != "BlbS") continue;
    const uint64_t size = Number(bytes, blob + 12);
    if (size > bytes.size() - blob - kBlobHead || (total += size) > bytes.size()) continue;
    headers.emplace_back(bytes.substr(blob + kBlobHead, size));
  }
  return headers;
}

}  // namespace kasane
