#include "src/base/dead_temporaries.h"

#include <dirent.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "src/base/file.h"

namespace kasane {
namespace {

constexpr uint64_t kKillPending = 1 << (SIGKILL - 1);

// Also if it has been killed and nobody has reaped it yet, or if it has not got round to dying: it makes no
// further system call then.
bool IsDead(int pid) {
  absl::StatusOr<std::string> status = ReadFile(absl::StrCat("/proc/", pid, "/status"));
  if (!status.ok()) return kill(pid, 0) != 0 && errno == ESRCH;
  for (absl::string_view line : absl::StrSplit(*status, '\n')) {
    if (absl::StartsWith(line, "State:\tZ") || absl::StartsWith(line, "State:\tX")) return true;
    uint64_t pending = 0;
    if ((absl::StartsWith(line, "SigPnd:\t") || absl::StartsWith(line, "ShdPnd:\t")) &&
        absl::SimpleHexAtoi(line.substr(8), &pending) && (pending & kKillPending) != 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

void RemoveDeadTemporaries(const std::string& prefix) {
  std::string directory(Dirname(prefix));
  if (directory.empty()) directory.assign(1, prefix[0] == '/' ? '/' : '.');
  DIR* dir = opendir(directory.c_str());
  if (dir == nullptr) return;
  while (dirent* entry = readdir(dir)) {
    absl::string_view name = entry->d_name;
    if (!absl::StartsWith(name, Basename(prefix)) || !absl::EndsWith(name, ".tmp")) continue;
    std::vector<absl::string_view> parts = absl::StrSplit(name, '.');  // NAME... PID [N] tmp
    int pid = 0;
    for (size_t i = parts.size() - 1; i-- > 1 && i + 3 >= parts.size();) {
      int number;
      if (!absl::SimpleAtoi(parts[i], &number)) break;
      pid = number;
    }
    if (pid > 0 && IsDead(pid)) unlinkat(dirfd(dir), entry->d_name, 0);
  }
  closedir(dir);
}

}  // namespace kasane
