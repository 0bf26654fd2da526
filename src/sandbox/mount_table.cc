#include "src/sandbox/mount_table.h"

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "src/base/file.h"

namespace kasane {

std::vector<MountLine> ReadMountTable() {
  std::vector<MountLine> table;
  const std::string text = ReadFile("/proc/self/mountinfo").value_or("");
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> halves = absl::StrSplit(line, absl::MaxSplits(" - ", 1));
    if (halves.size() != 2) continue;
    const std::vector<absl::string_view> head = absl::StrSplit(halves[0], ' ');
    const std::vector<absl::string_view> tail = absl::StrSplit(halves[1], ' ');
    if (head.size() < 5 || tail.size() < 3) continue;
    table.push_back({std::string(head[3]), std::string(head[4]), std::string(tail[0]), std::string(tail[2])});
  }
  return table;
}

}  // namespace kasane
