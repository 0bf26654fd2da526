// A spec or a record, damaged or from another version: refused, or read to what writes the same bytes again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "src/contract/record.h"
#include "src/contract/spec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto spec = kasane::DecodeSpec(text); spec.ok()) {
    const std::string canonical = kasane::EncodeSpec(*spec);
    const auto again = kasane::DecodeSpec(canonical);
    if (!again.ok() || kasane::EncodeSpec(*again) != canonical) abort();
    if (kasane::SpecKind(*again) != kasane::SpecKind(*spec)) abort();
  }
  if (const auto record = kasane::DecodeRecord(text, "record"); record.ok()) {
    const std::string canonical = kasane::EncodeRecord(*record);
    const auto again = kasane::DecodeRecord(canonical, "record");
    if (!again.ok() || kasane::EncodeRecord(*again) != canonical) abort();
  }
  return 0;
}
