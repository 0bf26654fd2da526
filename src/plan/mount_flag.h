// RUN --mount and --device: what stands in the flag. BuildKit reads a flag twice: when it parses the file,
// and, variables expanded, when it evaluates the instruction; both may refuse it.
#ifndef KASANE_SRC_PLAN_MOUNT_FLAG_H_
#define KASANE_SRC_PLAN_MOUNT_FLAG_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/contract/spec.h"
#include "src/dockerfile/ast.h"
#include "src/plan/report.h"

namespace kasane {

// "key=value" or "key"; keys are lower case.
struct FlagField {
  std::string text;  // as it stands there
  std::string key;
  std::string value;
  bool has_value = false;
  SourceRange range;  // of the field; of the whole flag where quotes hide the place
};

struct MountFlag {
  std::string type = "bind";
  std::string from, source, target, id, sharing;
  bool read_only = false;
  bool required = false;
  int64_t size = 0;
  absl::optional<int64_t> mode, uid, gid;
  absl::optional<std::string> env;
  SourceRange range;       // of the flag
  SourceRange from_range;  // of these fields, of the flag where they are not there
  SourceRange source_range;
  SourceRange target_range;
};

// Expands the variables of a value that stands at a place. False: reported.
using FlagExpander = std::function<bool(absl::string_view text, const SourceRange& range, std::string* out)>;

// What can be said before evaluation: that it is a list of fields, and that `from` has no variable. False:
// reported.
bool CheckMountFlag(const Flag& flag, Report* report);
// The `from` of a checked flag, which is never expanded; empty: none. `range` gets its place.
std::string MountFrom(const Flag& flag, SourceRange* range);
// False if its type, of a checked flag, is certainly another one.
bool MayBeBindMount(const Flag& flag);
// All of it. False: reported.
bool ReadMountFlag(const Flag& flag, const FlagExpander& expand, Report* report, MountFlag* mount);

// False: reported.
bool ReadDeviceFlag(const Flag& flag, Report* report, DeviceSpec* device);

// Docker's sizes: "64m", "1.5g", "10 KiB"; 1024-based. False: it is none.
bool ParseMemorySize(absl::string_view text, int64_t* bytes);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_MOUNT_FLAG_H_
