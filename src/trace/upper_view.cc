#include "src/trace/upper_view.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

// A busy disk may take some time; who is locked out waits for ever.
constexpr absl::Duration kPatience = absl::Seconds(2);

// Of a path that is opened as O_PATH, which locks nothing.
UpperView::What WhatIs(int fd) {
  struct stat st;
  if (fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode)) return UpperView::What::kOther;
  const std::string itself = absl::StrCat("/proc/self/fd/", fd);
  for (const char* opaque : {"trusted.overlay.opaque", "user.overlay.opaque"}) {
    if (getxattr(itself.c_str(), opaque, nullptr, 0) >= 0) return UpperView::What::kOther;
  }
  return UpperView::What::kDirectory;
}

// With `at_hand`, nullopt if the kernel would have to look at a disk, or to wait.
absl::optional<UpperView::What> Look(const std::vector<std::string>& places, const std::string& path,
                                     bool at_hand) {
  open_how how = {};
  how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_CACHED;
  for (const std::string& place : places) {
    const std::string made = JoinPath(place, path);
    const UniqueFd fd(at_hand
                          ? static_cast<int>(syscall(SYS_openat2, AT_FDCWD, made.c_str(), &how, sizeof(how)))
                          : open(made.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (fd.valid()) return WhatIs(fd.get());
    if (errno == ENOENT || errno == ENOTDIR) continue;
    if (at_hand) return absl::nullopt;
    return UpperView::What::kOther;
  }
  return UpperView::What::kNothing;
}

absl::StatusOr<std::vector<std::string>> List(const std::vector<std::string>& places,
                                              const std::string& directory) {
  std::vector<std::string> names;
  for (const std::string& place : places) {
    const std::string path = JoinPath(place, directory);
    DIR* dir = opendir(path.c_str());
    if (dir == nullptr && (errno == ENOENT || errno == ENOTDIR)) continue;
    if (dir == nullptr) return ErrnoStatus(errno, absl::StrCat("cannot list ", path));
    while (dirent* entry = readdir(dir)) {
      absl::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    closedir(dir);
  }
  return names;
}

}  // namespace

const std::vector<std::string>& UpperView::Places() {
  absl::call_once(found_, [this] {
    places_.erase(std::remove_if(places_.begin(), places_.end(),
                                 [](const std::string& place) { return !PathExists(place); }),
                  places_.end());
  });
  return places_;
}

UpperView::What UpperView::At(const std::string& path) {
  if (!is_set_) return What::kOther;
  if (const absl::optional<What> known = Look(Places(), path, true); known.has_value()) return *known;
  auto what = std::make_shared<What>(What::kOther);
  const auto look = [what, places = Places(), path] {
    *what = Look(places, path, false).value_or(What::kOther);
  };
  return side_.Do(look, kPatience) ? *what : What::kOther;
}

absl::StatusOr<std::vector<std::string>> UpperView::NamesIn(const std::string& directory) {
  if (Look(Places(), directory, true) == What::kNothing) return std::vector<std::string>();
  auto names = std::make_shared<absl::StatusOr<std::vector<std::string>>>();
  if (side_.Do([names, places = Places(), directory] { *names = List(places, directory); }, kPatience))
    return *names;
  return absl::UnavailableError(absl::StrCat("it takes long to list ", directory));
}

}  // namespace kasane
