// Any bytes decode to a delta or are refused; what decodes survives a round trip and can be tried on a tree.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "src/tree/delta.h"
#include "src/tree/tree.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto delta = kasane::Delta::Decode(absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!delta.ok()) return 0;
  const std::string encoded = delta->Encode();
  auto again = kasane::Delta::Decode(encoded);
  if (!again.ok() || again->Encode() != encoded) std::abort();
  (void)delta->TimelessDigest();
  auto tree = kasane::Tree().Apply(*delta);
  if (!tree.ok()) return 0;
  // Applied once more it changes no more.
  auto twice = tree->Apply(*delta);
  if (!twice.ok() || twice->digest() != tree->digest()) std::abort();
  return 0;
}
