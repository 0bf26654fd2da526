#include "src/sandbox/frequent_files.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/sandbox/lowerfs_files.h"

namespace kasane {
namespace {

// A large file the kernel reads by itself, but it asks for each opening. libc is opened by every program and
// takes ten questions until all of it is known.
constexpr uint64_t kLargestLibrary = 4 << 20;

}  // namespace

FrequentFiles::FrequentFiles(const Tree& tree) {
  AddPlace(tree, "etc", false);
  AddPlace(tree, "var/lib/dpkg/info", false);
  for (const char* path : {"usr/share", "usr/local/lib"}) AddInterpreters(tree, path);
  for (const char* path : {"lib", "lib64", "usr/lib", "usr/lib64"}) {
    AddPlace(tree, path, true);
    AddInterpreters(tree, path);
    const Node* directory = tree.Lookup(path);
    if (directory == nullptr) continue;
    for (const Node& child : directory->children()) {  // Debian's: x86_64-linux-gnu
      if (!absl::StrContains(child.name, "-linux-gnu")) continue;
      AddPlace(tree, absl::StrCat(path, "/", child.name), true);
      AddInterpreters(tree, absl::StrCat(path, "/", child.name));
    }
  }
}

void FrequentFiles::AddPlace(const Tree& tree, const std::string& path, bool libraries) {
  const Node* place = tree.Lookup(path);
  if (place == nullptr || !place->entry.is_directory()) return;
  places_.emplace(path, libraries);
  AddWays(path);
}

void FrequentFiles::AddInterpreters(const Tree& tree, const std::string& path) {
  const Node* directory = tree.Lookup(path);
  if (directory == nullptr) return;
  for (const Node& child : directory->children()) {
    if (!child.entry.is_directory() ||
        !(absl::StartsWith(child.name, "perl") || absl::StartsWith(child.name, "python"))) {
      continue;
    }
    deep_.push_back(absl::StrCat(path, "/", child.name));
    AddWays(deep_.back());
  }
}

void FrequentFiles::AddWays(const std::string& path) {
  ways_.insert("");
  for (size_t end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1))
    ways_.insert(path.substr(0, end));
  ways_.insert(path);
}

bool FrequentFiles::IsDeep(absl::string_view directory) const {
  return std::any_of(deep_.begin(), deep_.end(),
                     [&](const std::string& place) { return IsAtOrBelow(directory, place); });
}

bool FrequentFiles::Has(absl::string_view directory, const Node& file) const {
  const auto place = places_.find(directory);
  const bool deep = place == places_.end();
  if (deep && !IsDeep(directory)) return false;
  const bool library = !deep && place->second;
  if (library && !absl::StrContains(file.name, ".so")) return false;
  if (file.entry.link_group != 0) return false;  // names of one inode must stay one (soundness.md A15)
  // Each library has names that are links to it.
  if (file.entry.is_symlink()) return deep || library;
  return file.entry.is_file() && file.entry.size < (library ? kLargestLibrary : kPassthroughSize);
}

}  // namespace kasane
