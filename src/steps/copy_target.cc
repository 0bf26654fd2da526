#include "src/steps/copy_target.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/tree/gap.h"

namespace kasane {
namespace {

constexpr uint32_t kSetGid = 02000;

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

const Entry* CopyTarget::Find(const std::string& path) {
  return static_cast<const Entry*>(path.empty() ? Root() : Child(nullptr, Dirname(path), Basename(path)));
}

PathView::Handle CopyTarget::Root() const { return &below_.root().entry; }

PathView::Info CopyTarget::Get(Handle handle) const {
  const Entry& entry = *static_cast<const Entry*>(handle);
  return {entry.type, entry.link_target, 0};
}

PathView::Handle CopyTarget::Child(Handle, absl::string_view directory, absl::string_view name) const {
  const std::string path = Join(directory, name);
  const auto made = made_.find(path);
  if (made != made_.end()) return &made->second.entry;
  // In a directory that was not there below there is only what was put there: no need to look, or to remember
  // it.
  const auto parent = made_.find(std::string(directory));
  if (parent != made_.end() && parent->second.fresh) return nullptr;
  return Below(path);
}

absl::StatusOr<std::string> CopyTarget::Resolve(absl::string_view path) {
  ASSIGN_OR_RETURN(const FollowedPath at, FollowLinks(*this, path, nullptr));
  return at.path;
}

void CopyTarget::Put(const std::string& path, Entry entry, uint64_t link) {
  const bool fresh = Find(path) == nullptr;
  Made& made = made_[path];
  made.fresh = made.fresh || fresh;
  made.entry = std::move(entry);
  made.link = link;
}

void CopyTarget::Replace(const std::string& path, Entry entry, uint64_t link) {
  const auto old = made_.find(path);
  Made made;
  made.fresh = true;
  made.hides = old != made_.end() && (old->second.fresh || old->second.hides)
                   ? old->second.hides
                   : Below(path) != nullptr && Below(path)->is_directory();
  made.entry = std::move(entry);
  made.link = link;
  const std::string inside = absl::StrCat(path, "/");
  for (auto it = made_.begin(); it != made_.end();) {
    it = absl::StartsWith(it->first, inside) ? made_.erase(it) : std::next(it);
  }
  made_[path] = std::move(made);
}

uint64_t CopyTarget::LinkOf(const std::string& path) const {
  const auto made = made_.find(path);
  return made == made_.end() ? 0 : made->second.link;
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

void CopyTarget::DescribeMet(std::string* out) const {
  PutVarint(out, met_.size());
  for (const auto& [path, entry] : met_) {
    PutBytes(out, path);
    PutVarint(out, entry != nullptr);
    if (entry != nullptr) EncodeEntry(*entry, /*with_time=*/!entry->is_directory(), out);
  }
}

absl::StatusOr<Delta> CopyTarget::Finish() const {
  const auto less = [](const std::string& a, const std::string& b) { return PathLess(a, b); };
  std::vector<const std::pair<const std::string, Made>*> changed;
  std::map<uint64_t, std::vector<std::string>> groups;
  for (const auto& item : made_) {
    const auto& [path, made] = item;
    if (path.empty()) continue;
    if (!made.fresh) {
      // Whether it shares an inode is not compared: BuildKit's differ does not either.
      const Node* before = below_.Lookup(path);
      Entry after = made.entry;
      if (before != nullptr) after.link_group = before->entry.link_group;
      if (before != nullptr && Unchanged(before->entry, after)) continue;
    }
    changed.push_back(&item);
    if (made.link != 0) groups[made.link].push_back(path);
  }
  std::unordered_map<std::string, uint64_t> group_of;
  for (auto& [link, paths] : groups) {
    if (paths.size() < 2) continue;
    std::sort(paths.begin(), paths.end());
    const uint64_t id = LinkGroupId(paths);
    for (const std::string& path : paths) group_of[path] = id;
  }

  std::sort(changed.begin(), changed.end(),
            [](const auto* a, const auto* b) { return PathLess(a->first, b->first); });
  const auto is_changed = [&changed](absl::string_view path) {
    const auto at =
        std::lower_bound(changed.begin(), changed.end(), path,
                         [](const auto* a, absl::string_view b) { return PathLess(a->first, b); });
    return at != changed.end() && (*at)->first == path;
  };

  std::vector<DeltaEntry> entries;
  entries.reserve(changed.size());
  std::set<std::string, decltype(less)> above(less);
  absl::string_view last_parent;
  for (const auto* item : changed) {
    const auto& [path, made] = *item;
    DeltaEntry entry;
    entry.path = path;
    entry.entry = made.entry;
    const auto group = made.link == 0 ? group_of.end() : group_of.find(path);
    entry.entry.link_group = group == group_of.end() ? 0 : group->second;
    entry.opaque = made.hides && entry.entry.is_directory();
    entries.push_back(std::move(entry));
    if (Dirname(path) == last_parent) continue;
    last_parent = Dirname(path);
    for (absl::string_view parent = last_parent; !parent.empty(); parent = Dirname(parent)) {
      if (is_changed(parent) || !above.insert(std::string(parent)).second) break;
    }
  }
  for (const std::string& path : above) {
    DeltaEntry entry;
    entry.path = path;
    const auto made = made_.find(path);
    if (made != made_.end()) {
      entry.entry = made->second.entry;  // a directory with a new mtime
    } else {
      const Node* node = below_.Lookup(path);
      if (node == nullptr) return absl::InternalError(absl::StrCat("COPY lost the directory /", path));
      entry.entry = node->entry;
      entry.implied = true;
    }
    entries.push_back(std::move(entry));
  }
  RETURN_IF_ERROR(below_.status());
  return Delta::FromEntries(std::move(entries));
}

}  // namespace kasane
