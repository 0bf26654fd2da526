#include "src/context/disk_files.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "src/base/file.h"
#include "src/context/glob.h"

namespace kasane {
namespace {

struct CloseDir {
  void operator()(DIR* directory) const { closedir(directory); }
};

class Counter {
 public:
  Counter(const std::string& root, const std::vector<std::string>& exclude, size_t limit)
      : root_(root), exclude_(exclude), limit_(limit) {}

  // `path`: relative to the root. What is below it and fits the components from `next` on.
  void Count(const std::string& path, const std::vector<absl::string_view>& components, size_t next) {
    if (count_ >= limit_) return;
    struct stat st;
    if (lstat(JoinPath(root_, path).c_str(), &st) != 0) return;
    if (next < components.size() && !HasWildcard(components[next])) {
      if (S_ISDIR(st.st_mode)) Enter(path, std::string(components[next]), components, next + 1);
      return;
    }
    if (!S_ISDIR(st.st_mode)) {
      count_ += next >= components.size() ? 1 : 0;
      return;
    }
    const std::unique_ptr<DIR, CloseDir> directory(opendir(JoinPath(root_, path).c_str()));
    if (directory == nullptr) return;
    while (const dirent* entry = readdir(directory.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      const bool fits = next >= components.size() || MatchGlob(components[next], name) == GlobResult::kMatch;
      if (fits) Enter(path, name, components, next + 1);
    }
  }
  size_t count() const { return count_; }

 private:
  void Enter(const std::string& path, const std::string& name,
             const std::vector<absl::string_view>& components, size_t next) {
    const std::string below = path.empty() ? name : JoinPath(path, name);
    if (std::find(exclude_.begin(), exclude_.end(), below) == exclude_.end()) Count(below, components, next);
  }

  const std::string& root_;
  const std::vector<std::string>& exclude_;
  const size_t limit_;
  size_t count_ = 0;
};

}  // namespace

size_t CountDiskFiles(const std::string& root, const std::string& source,
                      const std::vector<std::string>& exclude, size_t limit) {
  const std::string clean = CleanPath(source);
  std::vector<absl::string_view> components = absl::StrSplit(clean, '/', absl::SkipEmpty());
  if (clean == ".") components.clear();
  Counter counter(root, exclude, limit);
  counter.Count("", components, 0);
  return counter.count();
}

}  // namespace kasane
