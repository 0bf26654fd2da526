// A description of devices, as YAML or as JSON: devices or an error, never a crash; the names can be parsed
// again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "src/config/cdi.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool json : {false, true}) {
    const absl::StatusOr<std::vector<kasane::CdiDevice>> devices = kasane::ParseCdiFile(text, json);
    if (!devices.ok()) {
      if (devices.status().message().empty()) abort();
      continue;
    }
    kasane::CdiDevices all;
    for (const kasane::CdiDevice& device : *devices) all.devices[device.name] = device;
    for (const kasane::CdiDevice& device : *devices) {
      if (all.Find(device.name).size() != 1) abort();
      (void)kasane::IsAllowedToAll(device);
    }
  }
  return 0;
}
