// The value of a --mount or --device, from a Dockerfile of a stranger. Whatever stands in it: a mount or one
// error, whose place lies inside the flag; fields of the CSV point at where they stand.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/base/csv.h"
#include "src/plan/mount_flag.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string value(reinterpret_cast<const char*>(data), size);
  std::vector<kasane::CsvField> fields;
  std::string error;
  size_t offset = 0;
  if (kasane::SplitCsv(value, &fields, &error, &offset)) {
    size_t end = 0;
    for (const kasane::CsvField& field : fields) {
      if (field.begin < end || field.end < field.begin || field.end > size) abort();
      if (field.text.size() > field.end - field.begin) abort();
      end = field.end;
    }
  } else if (error.empty() || offset > size) {
    abort();
  }

  kasane::Flag flag;
  flag.value = value;
  flag.has_value = true;
  for (const char* name : {"mount", "device"}) {
    flag.name = name;
    flag.range = {1, 5, 1, 5 + static_cast<int>(flag.name.size() + size) + 3};
    std::vector<kasane::Diagnostic> diagnostics;
    kasane::Report report("f", &diagnostics);
    const auto same = [](absl::string_view text, const kasane::SourceRange&, std::string* out) {
      *out = std::string(text);
      return true;
    };
    kasane::MountFlag mount;
    kasane::DeviceSpec device;
    const bool ok = flag.name == "device" ? kasane::ReadDeviceFlag(flag, &report, &device)
                                          : kasane::CheckMountFlag(flag, &report) &&
                                                kasane::ReadMountFlag(flag, same, &report, &mount);
    if (ok != diagnostics.empty() || diagnostics.size() > 1) abort();
    for (const kasane::Diagnostic& d : diagnostics) {
      if (d.range.column < flag.range.column || d.range.end_column > flag.range.end_column ||
          d.range.end_column < d.range.column) {
        abort();
      }
    }
    if (ok && flag.name == "mount" && (mount.size < 0 || mount.type.empty())) abort();
  }
  return 0;
}
