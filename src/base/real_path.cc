#include "src/base/real_path.h"

#include <climits>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {

std::string RealPath(const std::string& path) {
  std::string rest;
  std::string existing = AbsolutePath(path);
  char resolved[PATH_MAX];
  while (realpath(existing.c_str(), resolved) == nullptr) {
    if (existing == "/") return path;
    rest = rest.empty() ? std::string(Basename(existing)) : absl::StrCat(Basename(existing), "/", rest);
    existing = std::string(Dirname(existing));
    if (existing.empty()) existing.push_back('/');
  }
  return rest.empty() ? std::string(resolved) : JoinPath(resolved, rest);
}

}  // namespace kasane
