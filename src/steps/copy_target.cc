#include "src/steps/copy_target.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/release_memory.h"
#include "src/base/status.h"
#include "src/tree/gap.h"

namespace kasane {
namespace {

constexpr uint32_t kSetGid = 02000;
constexpr size_t kBlock = 4096;
constexpr size_t kFewDirectories = 64;  // above what is copied, mostly

// Whether a differ that looks at both would call it unchanged.
bool Unchanged(const Entry& before, const Entry& after) {
  if (!EqualButTime(before, after)) return false;
  return after.is_directory() || before.mtime == after.mtime;
}

std::string Join(absl::string_view directory, absl::string_view name) {
  return directory.empty() ? std::string(name) : absl::StrCat(directory, "/", name);
}

}  // namespace

const Entry* CopyTarget::Below(const std::string& path) const {
  const auto [at, is_new] = met_.try_emplace(path, nullptr);
  if (is_new) {
    const Node* node = below_.Lookup(path);
    if (node != nullptr) at->second = &node->entry;
    if (node != nullptr && IsGap(node->entry)) met_gap_ = true;
  }
  return at->second;
}

const CopyTarget::Made* CopyTarget::MadeAt(absl::string_view path) const {
  const auto at = at_.find(path);
  return at == at_.end() ? nullptr : *at;
}

CopyTarget::Made* CopyTarget::MakeAt(std::string path) {
  const auto at = at_.find(absl::string_view(path));
  if (at != at_.end()) return *at;
  if (made_.empty() || made_.back().size() == kBlock) made_.emplace_back().reserve(kBlock);
  Made& made = made_.back().emplace_back();
  made.path = std::move(path);
  at_.insert(&made);
  return &made;
}

const Entry* CopyTarget::Find(const std::string& path) {
  return path.empty() ? &below_.root().entry : At(path);
}

PathView::Handle CopyTarget::Root() const { return &below_.root().entry; }

PathView::Info CopyTarget::Get(Handle handle) const {
  const Entry& entry = *static_cast<const Entry*>(handle);
  return {entry.type, entry.link_target, 0};
}

PathView::Handle CopyTarget::Child(Handle, absl::string_view directory, absl::string_view name) const {
  return At(Join(directory, name));
}

const Entry* CopyTarget::At(const std::string& path) const {
  const Made* made = MadeAt(path);
  if (made != nullptr) return &made->entry;
  // In a directory that was not there below there is only what was put there: no need to look, or to remember
  // it.
  const Made* parent = MadeAt(Dirname(path));
  if (parent != nullptr && parent->fresh) return nullptr;
  return Below(path);
}

absl::StatusOr<std::string> CopyTarget::Resolve(absl::string_view path) {
  ASSIGN_OR_RETURN(const FollowedPath at, FollowLinks(*this, path, nullptr));
  return at.path;
}

void CopyTarget::Put(std::string path, Entry entry, uint64_t link) {
  const bool fresh = Find(path) == nullptr;
  Made& made = *MakeAt(std::move(path));
  made.fresh = made.fresh || fresh;
  made.entry = std::move(entry);
  made.link = link;
}

void CopyTarget::Replace(const std::string& path, Entry entry, uint64_t link) {
  const Made* old = MadeAt(path);
  const bool hides = old != nullptr && (old->fresh || old->hides)
                         ? old->hides
                         : Below(path) != nullptr && Below(path)->is_directory();
  const std::string inside = absl::StrCat(path, "/");
  for (std::vector<Made>& block : made_) {
    for (Made& made : block) {
      if (made.gone || !absl::StartsWith(made.path, inside)) continue;
      made.gone = true;
      at_.erase(&made);
    }
  }
  Made& made = *MakeAt(path);
  made.fresh = true;
  made.hides = hides;
  made.entry = std::move(entry);
  made.link = link;
}

uint64_t CopyTarget::LinkOf(const std::string& path) const {
  const Made* made = MadeAt(path);
  return made == nullptr ? 0 : made->link;
}

absl::Status CopyTarget::MakeDirs(const std::string& path, const Entry& made, bool owned) {
  for (size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const std::string directory = path.substr(0, end);
    const Entry* found = Find(directory);
    if (found == nullptr) {
      Entry entry = made;
      const Entry& parent = *Find(std::string(Dirname(directory)));
      if ((parent.mode & kSetGid) != 0) {
        entry.mode |= kSetGid;
        if (!owned) entry.gid = parent.gid;
      }
      Put(directory, std::move(entry));
    } else if (!found->is_directory()) {
      return absl::FailedPreconditionError(absl::StrCat("\"/", directory, "\" is not a directory"));
    }
  }
  return absl::OkStatus();
}

// Whether it shares an inode is not compared: BuildKit's differ does not either.
bool CopyTarget::HasChanged(const Made& made) const {
  if (made.fresh) return true;
  const Node* before = below_.Lookup(made.path);
  if (before == nullptr) return true;
  Entry after = made.entry;
  after.link_group = before->entry.link_group;
  return !Unchanged(before->entry, after);
}

void CopyTarget::DescribeMet(std::string* out) const {
  PutVarint(out, met_.size());
  for (const auto& [path, entry] : met_) {
    PutBytes(out, path);
    PutVarint(out, entry != nullptr);
    if (entry != nullptr) EncodeEntry(*entry, /*with_time=*/!entry->is_directory(), out);
  }
}

absl::StatusOr<Delta> CopyTarget::Finish() {
  const auto less = [](const std::string& a, const std::string& b) { return PathLess(a, b); };
  size_t count = kFewDirectories;
  for (const std::vector<Made>& block : made_) count += block.size();
  std::vector<DeltaEntry> entries;
  // Before anything else is allocated: it fits where the sources were, which have just been freed.
  entries.reserve(count);
  std::vector<Made*> changed;
  std::map<uint64_t, std::vector<std::string>> groups;
  changed.reserve(made_.size() * kBlock);
  for (std::vector<Made>& block : made_) {
    for (Made& made : block) {
      if (made.path.empty() || made.gone || !HasChanged(made)) continue;
      changed.push_back(&made);
      if (made.link != 0) groups[made.link].push_back(made.path);
    }
  }
  absl::flat_hash_map<std::string, uint64_t> group_of;
  for (auto& [link, paths] : groups) {
    if (paths.size() < 2) continue;
    std::sort(paths.begin(), paths.end());
    const uint64_t id = LinkGroupId(paths);
    for (const std::string& path : paths) group_of[path] = id;
  }

  const auto in_order = [](const Made* a, const Made* b) { return PathLess(a->path, b->path); };
  if (!std::is_sorted(changed.begin(), changed.end(), in_order)) {
    std::sort(changed.begin(), changed.end(), in_order);
  }
  const auto is_changed = [&changed](absl::string_view path) {
    const auto at = std::lower_bound(changed.begin(), changed.end(), path,
                                     [](const Made* a, absl::string_view b) { return PathLess(a->path, b); });
    return at != changed.end() && (*at)->path == path;
  };

  std::set<std::string, decltype(less)> above(less);
  absl::string_view last_parent;
  for (const Made* made : changed) {
    if (Dirname(made->path) == last_parent) continue;
    last_parent = Dirname(made->path);
    for (absl::string_view parent = last_parent; !parent.empty(); parent = Dirname(parent)) {
      if (is_changed(parent) || !above.insert(std::string(parent)).second) break;
    }
  }
  std::map<std::string, Entry> above_made;
  for (const std::string& path : above) {
    if (const Made* made = MadeAt(path)) above_made[path] = made->entry;
  }
  at_.clear();  // of paths that are moved away now

  for (Made* made : changed) {
    DeltaEntry& entry = entries.emplace_back();
    const auto group = made->link == 0 ? group_of.end() : group_of.find(made->path);
    entry.opaque = made->hides && made->entry.is_directory();
    entry.entry = std::move(made->entry);
    entry.entry.link_group = group == group_of.end() ? 0 : group->second;
    entry.path = std::move(made->path);
  }
  const auto middle = static_cast<std::ptrdiff_t>(entries.size());
  for (const std::string& path : above) {
    DeltaEntry entry;
    entry.path = path;
    const auto made = above_made.find(path);
    if (made != above_made.end()) {
      entry.entry = made->second;  // a directory with a new mtime
    } else {
      const Node* node = below_.Lookup(path);
      if (node == nullptr) return absl::InternalError(absl::StrCat("COPY lost the directory /", path));
      entry.entry = node->entry;
      entry.implied = true;
    }
    entries.push_back(std::move(entry));
  }
  std::inplace_merge(entries.begin(), entries.begin() + middle, entries.end(),
                     [](const DeltaEntry& a, const DeltaEntry& b) { return PathLess(a.path, b.path); });
  made_.clear();
  ReleaseMemoryAfter(entries.size());
  RETURN_IF_ERROR(below_.status());
  return Delta::FromEntries(std::move(entries));
}

}  // namespace kasane
