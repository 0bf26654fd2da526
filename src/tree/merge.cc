#include "src/tree/merge.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

struct Less {
  bool operator()(const std::string& a, const std::string& b) const { return PathLess(a, b); }
};
using Entries = std::map<std::string, DeltaEntry, Less>;

// In PathLess order what lies below a path comes just behind it.
void RemoveBelow(const std::string& path, Entries* entries) {
  auto at = entries->upper_bound(path);
  const std::string prefix = path.empty() ? "" : absl::StrCat(path, "/");
  while (at != entries->end() && absl::StartsWith(at->first, prefix)) at = entries->erase(at);
}

class Merger {
 public:
  explicit Merger(const Tree& below) : below_(below) {}

  void Add(const DeltaEntry& entry) {
    MakeParents(entry);
    const auto found = entries_.find(entry.path);
    if (entry.whiteout) {
      RemoveBelow(entry.path, &entries_);
      if (found != entries_.end()) entries_.erase(found);
      if (!IsHidden(entry.path) && below_.Lookup(entry.path) != nullptr) entries_[entry.path] = entry;
      return;
    }
    if (!entry.entry.is_directory()) {
      RemoveBelow(entry.path, &entries_);
      entries_[entry.path] = entry;
      return;
    }
    if (entry.opaque) RemoveBelow(entry.path, &entries_);
    if (found == entries_.end()) {
      entries_[entry.path] = entry;
      return;
    }
    DeltaEntry& known = found->second;
    const bool was_directory = !known.whiteout && known.entry.is_directory();
    if (entry.implied && was_directory) {
      known.opaque = known.opaque || entry.opaque;
      return;
    }
    // What was removed, or was something else, must not shine through.
    const bool hides = !was_directory || known.opaque;
    known = entry;
    known.implied = false;
    known.opaque = entry.opaque || hides;
  }

  absl::StatusOr<Delta> Finish() {
    std::vector<DeltaEntry> out;
    for (auto& [path, entry] : entries_) out.push_back(std::move(entry));
    return Delta::FromEntries(std::move(out));
  }

 private:
  // Whether nothing of what `below` has at the path shines through.
  bool IsHidden(const std::string& path) const {
    for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      const auto above = entries_.find(path.substr(0, slash));
      if (above == entries_.end()) continue;
      const DeltaEntry& entry = above->second;
      if (entry.whiteout || entry.opaque || !entry.entry.is_directory()) return true;
    }
    return false;
  }

  // As Tree::Apply makes them: those that are missing, or that an earlier delta took away.
  void MakeParents(const DeltaEntry& entry) {
    if (entry.whiteout) return;
    bool is_hidden = false;  // what `below` has there
    for (size_t slash = entry.path.find('/'); slash != std::string::npos;
         slash = entry.path.find('/', slash + 1)) {
      const std::string path = entry.path.substr(0, slash);
      const auto above = entries_.find(path);
      if (above != entries_.end() && !above->second.whiteout && above->second.entry.is_directory()) {
        is_hidden = is_hidden || above->second.opaque;
        continue;
      }
      const Node* node = is_hidden ? nullptr : below_.Lookup(path);
      if (above == entries_.end() && node != nullptr && node->entry.is_directory()) continue;
      DeltaEntry directory;
      directory.path = path;
      directory.opaque = is_hidden = true;
      directory.entry.type = EntryType::kDirectory;
      directory.entry.mode = 0755;
      directory.entry.mtime = entry.entry.mtime;
      entries_[path] = std::move(directory);
    }
  }

  const Tree& below_;
  Entries entries_;
};

}  // namespace

absl::StatusOr<Delta> MergeDeltas(const Tree& below, const std::vector<Delta>& deltas) {
  Merger merger(below);
  for (const Delta& delta : deltas) {
    for (const DeltaEntry& entry : delta.entries()) merger.Add(entry);
  }
  return merger.Finish();
}

}  // namespace kasane
