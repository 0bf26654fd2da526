// Executables of images: whatever they hold, what program they are is told without a crash and without
// reading outside.
#include <cstddef>
#include <cstdint>
#include <string>

#include "src/trace/list_filter.h"
#include "src/trace/program.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  kasane::GoMainPackage(size, [&](uint64_t offset, uint64_t wanted) -> absl::StatusOr<std::string> {
    if (offset > size || wanted > size - offset) __builtin_trap();
    return bytes.substr(offset, wanted);
  });
  kasane::ProgramStrings strings;
  strings.Add("*9.1");
  strings.Add("GNU *");
  strings.Find(bytes);
  const auto filter = kasane::ListFilter::Decode(bytes);
  if (filter.ok() && filter->Encode() != bytes) __builtin_trap();
  return 0;
}
