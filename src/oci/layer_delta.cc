#include "src/oci/layer_delta.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/oci/delta_builder.h"

namespace kasane {
namespace {

constexpr absl::string_view kCapability = "security.capability";

class Resolver {
 public:
  Resolver(Delta delta, const TreeBelow& below, const Epoch& epoch)
      : entries_(std::move(delta).TakeEntries()), below_(below), epoch_(epoch) {}

  absl::StatusOr<Delta> Resolve();

 private:
  // The directory of the tree below; null if there is none.
  absl::StatusOr<const Node*> DirectoryBelow(const std::string& path);
  absl::Status AddParents(const DeltaEntry& entry);
  absl::Status AddOpaque(std::vector<std::string> todo);
  void Show(Entry* entry) const;
  void MergeAdded();
  void DropLonelyLinks();

  std::vector<DeltaEntry> entries_;  // resolved in their places: a second list would be as much memory again
  const TreeBelow& below_;
  const Epoch& epoch_;
  absl::optional<Tree> tree_;
  std::vector<DeltaEntry> added_;
  absl::flat_hash_set<std::string> directories_;  // that are resolved, or added
};

absl::StatusOr<const Node*> Resolver::DirectoryBelow(const std::string& path) {
  if (!tree_) {
    ASSIGN_OR_RETURN(tree_, below_());
  }
  const Node* node = tree_->Lookup(path);
  return node != nullptr && node->entry.is_directory() ? node : nullptr;
}

// Leaves what a tar shows.
void Resolver::Show(Entry* entry) const {
  entry->mtime = {epoch_ ? *epoch_ : entry->mtime.seconds, 0};
  if (entry->xattrs.empty()) return;
  entry->xattrs.Truncate(std::remove_if(entry->xattrs.begin(), entry->xattrs.end(), [](const auto& xattr) {
    return xattr.first != kCapability || xattr.second.empty();
  }));
}

absl::Status Resolver::AddParents(const DeltaEntry& entry) {
  absl::string_view parent = Dirname(entry.path);
  if (parent.empty() || directories_.contains(parent)) return absl::OkStatus();
  DeltaEntry added;
  added.path = std::string(parent);
  added.implied = true;
  added.entry.type = EntryType::kDirectory;
  added.entry.mode = 0755;
  added.entry.mtime = entry.entry.mtime;
  RETURN_IF_ERROR(AddParents(added));
  ASSIGN_OR_RETURN(const Node* node, DirectoryBelow(added.path));
  if (node != nullptr) added.entry = node->entry;
  Show(&added.entry);
  directories_.insert(added.path);
  added.implied = false;
  added_.push_back(std::move(added));
  return absl::OkStatus();
}

// Below an opaque directory nothing of the old tree shines through: neither its names, nor those of the
// directories that the delta puts there again.
absl::Status Resolver::AddOpaque(std::vector<std::string> todo) {
  absl::flat_hash_map<std::string, bool> is_directory;
  for (const std::vector<DeltaEntry>* entries : {&entries_, &added_}) {
    for (const DeltaEntry& e : *entries) is_directory[e.path] = !e.whiteout && e.entry.is_directory();
  }
  absl::flat_hash_set<std::string> done;
  while (!todo.empty()) {
    std::string path = std::move(todo.back());
    todo.pop_back();
    if (!done.insert(path).second) continue;
    ASSIGN_OR_RETURN(const Node* node, DirectoryBelow(path));
    if (node == nullptr) continue;
    for (const Node& child : node->children()) {
      std::string child_path = JoinPath(path, child.name);
      auto it = is_directory.find(child_path);
      if (it == is_directory.end()) {
        DeltaEntry whiteout;
        whiteout.path = std::move(child_path);
        whiteout.whiteout = true;
        added_.push_back(std::move(whiteout));
      } else if (it->second) {
        todo.push_back(std::move(child_path));
      }
    }
  }
  return absl::OkStatus();
}

void Resolver::MergeAdded() {
  if (added_.empty()) return;
  const auto less = [](const DeltaEntry& a, const DeltaEntry& b) { return PathLess(a.path, b.path); };
  std::sort(added_.begin(), added_.end(), less);
  const auto count = static_cast<std::ptrdiff_t>(entries_.size());
  std::move(added_.begin(), added_.end(), std::back_inserter(entries_));
  std::inplace_merge(entries_.begin(), entries_.begin() + count, entries_.end(), less);
}

void Resolver::DropLonelyLinks() {
  absl::flat_hash_map<uint64_t, int> names;
  for (const DeltaEntry& entry : entries_) {
    if (entry.entry.link_group != 0) ++names[entry.entry.link_group];
  }
  for (DeltaEntry& entry : entries_) {
    if (entry.entry.link_group != 0 && names[entry.entry.link_group] == 1) entry.entry.link_group = 0;
  }
}

absl::StatusOr<Delta> Resolver::Resolve() {
  std::vector<std::string> opaque;
  auto kept = entries_.begin();
  for (DeltaEntry& entry : entries_) {
    if (entry.opaque) opaque.push_back(entry.path);
    if (entry.path.empty() || (!entry.whiteout && entry.entry.type == EntryType::kSocket)) continue;
    if (absl::StartsWith(Basename(entry.path), kWhiteoutPrefix)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "/", absl::CHexEscape(entry.path), ": no image layer can hold a name that begins with \".wh.\""));
    }
    RETURN_IF_ERROR(AddParents(entry));
    if (!entry.whiteout) {
      if (entry.implied) {
        ASSIGN_OR_RETURN(const Node* node, DirectoryBelow(entry.path));
        if (node != nullptr) entry.entry = node->entry;
      }
      Show(&entry.entry);
      if (entry.entry.is_directory()) directories_.insert(entry.path);
    }
    entry.opaque = entry.implied = false;
    if (&*kept != &entry) *kept = std::move(entry);
    ++kept;
  }
  entries_.erase(kept, entries_.end());
  if (!opaque.empty()) RETURN_IF_ERROR(AddOpaque(std::move(opaque)));
  MergeAdded();
  DropLonelyLinks();
  if (tree_) RETURN_IF_ERROR(tree_->status());
  return Delta::FromEntries(std::move(entries_));
}

}  // namespace

absl::StatusOr<Delta> ResolveLayerDelta(Delta delta, const TreeBelow& below, const Epoch& epoch) {
  return Resolver(std::move(delta), below, epoch).Resolve();
}

std::vector<const DeltaEntry*> TarOrder(const Delta& delta) {
  std::vector<const DeltaEntry*> order;
  order.reserve(delta.entries().size());
  bool whiteouts = false;
  for (const DeltaEntry& entry : delta.entries()) {
    order.push_back(&entry);
    whiteouts = whiteouts || entry.whiteout;
  }
  if (!whiteouts) return order;  // a delta is in this order otherwise
  // Where two paths part: a whiteout that ends in the component there comes first.
  auto less = [](const DeltaEntry* a, const DeltaEntry* b) {
    auto [pa, pb] = std::mismatch(a->path.begin(), a->path.end(), b->path.begin(), b->path.end());
    bool a_first = a->whiteout && std::find(pa, a->path.end(), '/') == a->path.end();
    bool b_first = b->whiteout && std::find(pb, b->path.end(), '/') == b->path.end();
    // One being above the other is not a parting.
    bool a_above = pa == a->path.end() && pb != b->path.end() && *pb == '/';
    bool b_above = pb == b->path.end() && pa != a->path.end() && *pa == '/';
    if (a_first != b_first && !a_above && !b_above) return a_first;
    return PathLess(a->path, b->path);
  };
  std::sort(order.begin(), order.end(), less);
  return order;
}

}  // namespace kasane
