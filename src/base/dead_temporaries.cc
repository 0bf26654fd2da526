#include "src/base/dead_temporaries.h"

#include <dirent.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "src/base/file.h"

namespace kasane {

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
    if (pid > 0 && kill(pid, 0) != 0 && errno == ESRCH) unlinkat(dirfd(dir), entry->d_name, 0);
  }
  closedir(dir);
}

}  // namespace kasane
