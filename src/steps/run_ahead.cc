#include "src/steps/run_ahead.h"

#include <string>

#include "absl/strings/string_view.h"
#include "src/base/file.h"
#include "src/tree/directory.h"

namespace kasane {
namespace {

// Fewer are asked by the RUN itself before a process has started; more would keep a processor busy.
constexpr size_t kFewest = 64;
constexpr size_t kMost = 50000;
// Of a larger file, a library, a program reads a few pages.
constexpr uint64_t kLargestRead = 64 << 10;

// The base's directory of a path, if the tree that is shown has one there too.
class DirectoryPair {
 public:
  DirectoryPair(const Tree& shown, const Tree& base) : shown_(shown), base_(base) {}

  void Enter(absl::string_view path) {
    if (path == path_) return;
    path_ = std::string(path);
    is_ = shown_.Lookup(path);
    was_ = base_.Lookup(path);
    both_ = is_ != nullptr && was_ != nullptr && is_->directory != nullptr && was_->directory != nullptr;
  }
  const std::string& path() const { return path_; }
  // True if the name is what it is in the base: there, with the same entry, or absent.
  bool IsOfBase(absl::string_view name, const Node** found, bool* with_all_below) const {
    if (!both_) return false;
    *found = is_->Child(name);
    const Node* was = was_->Child(name);
    if (*found == nullptr || was == nullptr) return *found == was;
    *with_all_below = (*found)->directory != nullptr && was->directory != nullptr &&
                      (*found)->directory->digest() == was->directory->digest();
    return (*found)->entry == was->entry;
  }

 private:
  const Tree& shown_;
  const Tree& base_;
  bool both_ = false;
  std::string path_ = "/";  // none yet
  const Node* is_ = nullptr;
  const Node* was_ = nullptr;
};

}  // namespace

AskedAhead WhatToAskAhead(const PathSet& last, const Tree& shown, const Tree& base,
                          const FrequentFiles& frequent) {
  AskedAhead ahead;
  DirectoryPair directory(shown, base);
  std::string listed = "/";
  for (const Observation& observation : last) {
    const std::string& path = observation.path;
    if (path.empty()) continue;
    directory.Enter(Dirname(path));
    const Node* node = nullptr;
    bool with_all_below = false;
    if (!directory.IsOfBase(Basename(path), &node, &with_all_below)) continue;
    if ((node == nullptr) != ((observation.facts & fact::kAbsent) != 0)) continue;
    if (node != nullptr && frequent.Has(directory.path(), *node)) {
      if (listed != directory.path()) ahead.frequent.lists.push_back(listed = directory.path());
      if (node->entry.is_file() && node->entry.size <= kLargestRead &&
          (observation.facts & fact::kContent) != 0) {
        ahead.frequent.contents.push_back(path);
      }
      continue;
    }
    // Both file systems have that directory.
    if (frequent.LeadsOn(directory.path()) && (node == nullptr || frequent.LeadsOn(path)))
      ahead.frequent.names.push_back(path);
    const bool lists = (observation.facts & fact::kList) != 0 && with_all_below;
    (lists ? ahead.tree.lists : ahead.tree.names).push_back(path);
    if (ahead.size() >= kMost) break;
  }
  return ahead.size() < kFewest ? AskedAhead() : ahead;
}

}  // namespace kasane
