#include "src/tree/apply.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {
namespace {

using DirectoryPtr = std::shared_ptr<const Directory>;

// A run of entries of a delta: all of one directory, or all of one name in it.
struct Range {
  size_t begin = 0;
  size_t end = 0;
  bool empty() const { return begin == end; }
};

class Merger {
 public:
  Merger(const std::vector<DeltaEntry>& entries, LinkCounts* links) : entries_(entries), links_(links) {}

  // The directory `old` (null: none) after `range`, whose paths all begin with the directory's own, `offset`
  // bytes long with its slash. Returns `old` itself if nothing changes.
  absl::StatusOr<DirectoryPtr> MergeDirectory(const DirectoryPtr& old, Range range, size_t offset);

  void Forget(const Node& node) {
    if (node.directory != nullptr) {
      Forget(*node.directory);
    } else if (node.entry.link_group != 0) {
      links_->Add(node.entry.link_group, -1);
    }
  }
  void Forget(const Directory& directory) {
    if (!directory.has_links()) return;
    for (const Node& node : directory.nodes()) Forget(node);
  }

 private:
  // The entries for the name at `offset` of the path of entry `begin`, and for all below it.
  size_t EndOfName(Range range, size_t offset, absl::string_view name) const;
  // Merges what the delta says of one name: appends its new node, if it is to have one, to `out`. True:
  // changed.
  absl::StatusOr<bool> MergeName(const Node* old, Range range, size_t offset, absl::string_view name,
                                 std::vector<Node>* out);
  absl::StatusOr<bool> MergeSubdirectory(const Node* old, const DeltaEntry* explicit_entry, Range below,
                                         size_t offset, absl::string_view name, std::vector<Node>* out);
  // The first entry that is no whiteout; null if there is none.
  const DeltaEntry* FirstAddition(Range range) const {
    for (size_t i = range.begin; i < range.end; ++i) {
      if (!entries_[i].whiteout) return &entries_[i];
    }
    return nullptr;
  }

  const std::vector<DeltaEntry>& entries_;
  LinkCounts* links_;
};

absl::string_view NameAt(const std::string& path, size_t offset) {
  size_t slash = path.find('/', offset);
  return absl::string_view(path).substr(offset, slash == std::string::npos ? slash : slash - offset);
}

size_t Merger::EndOfName(Range range, size_t offset, absl::string_view name) const {
  auto has_name = [&](size_t i) {
    absl::string_view rest = absl::string_view(entries_[i].path).substr(offset);
    return rest.substr(0, name.size()) == name && (rest.size() == name.size() || rest[name.size()] == '/');
  };
  // Most names have one entry, some have very many below them: search in growing strides, then by halves.
  size_t low = range.begin;  // has the name
  size_t stride = 1;
  while (low + stride < range.end && has_name(low + stride)) {
    low += stride;
    stride *= 2;
  }
  size_t high = std::min(low + stride, range.end);  // does not
  while (low + 1 < high) {
    size_t middle = low + (high - low) / 2;
    (has_name(middle) ? low : high) = middle;
  }
  return high;
}

absl::StatusOr<DirectoryPtr> Merger::MergeDirectory(const DirectoryPtr& old, Range range, size_t offset) {
  if (old != nullptr && range.empty()) return old;
  static const std::vector<Node>* const kNone = new std::vector<Node>;
  const std::vector<Node>& old_nodes = old == nullptr ? *kNone : old->nodes();
  std::vector<std::pair<absl::string_view, Range>> names;
  for (size_t i = range.begin; i < range.end;) {
    absl::string_view name = NameAt(entries_[i].path, offset);
    size_t end = EndOfName({i, range.end}, offset, name);
    names.emplace_back(name, Range{i, end});
    i = end;
  }
  std::vector<Node> nodes;
  nodes.reserve(old_nodes.size() + names.size());
  bool changed = old == nullptr;
  auto next = old_nodes.begin();
  for (const auto& [name, part] : names) {
    while (next != old_nodes.end() && next->name < name) nodes.push_back(*next++);
    const Node* met = next != old_nodes.end() && next->name == name ? &*next++ : nullptr;
    ASSIGN_OR_RETURN(bool name_changed, MergeName(met, part, offset, name, &nodes));
    changed |= name_changed;
  }
  if (!changed) return old;
  nodes.insert(nodes.end(), next, old_nodes.end());
  return std::make_shared<const Directory>(std::move(nodes));
}

absl::StatusOr<bool> Merger::MergeName(const Node* old, Range range, size_t offset, absl::string_view name,
                                       std::vector<Node>* out) {
  const DeltaEntry& first = entries_[range.begin];
  bool is_explicit = first.path.size() == offset + name.size();
  Range below = {range.begin + (is_explicit ? 1 : 0), range.end};
  if (is_explicit && first.whiteout && FirstAddition(below) == nullptr) {
    if (old != nullptr) Forget(*old);
    return old != nullptr;
  }
  if (is_explicit && !first.whiteout && !first.entry.is_directory()) {
    if (!below.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("delta: \"", absl::CHexEscape(first.path),
                                                     "\" is no directory but has entries below it"));
    }
    if (old != nullptr) Forget(*old);
    if (first.entry.link_group != 0) links_->Add(first.entry.link_group, 1);
    out->push_back(Node{std::string(name), first.entry, nullptr});
    return old == nullptr || !(old->entry == first.entry);
  }
  return MergeSubdirectory(old, is_explicit ? &first : nullptr, below, offset, name, out);
}

absl::StatusOr<bool> Merger::MergeSubdirectory(const Node* old, const DeltaEntry* explicit_entry, Range below,
                                               size_t offset, absl::string_view name,
                                               std::vector<Node>* out) {
  const Node* old_directory = old != nullptr && old->directory != nullptr ? old : nullptr;
  bool whiteout = explicit_entry != nullptr && explicit_entry->whiteout;
  if (whiteout) explicit_entry = nullptr;
  if (explicit_entry == nullptr && old_directory == nullptr && FirstAddition(below) == nullptr) {
    if (old != nullptr) out->push_back(*old);  // whiteouts below a directory that is not there
    return false;
  }
  bool keeps_names =
      old_directory != nullptr && !whiteout && !(explicit_entry != nullptr && explicit_entry->opaque);
  if (old != nullptr && !keeps_names) Forget(*old);
  Node node;
  node.name = std::string(name);
  if (explicit_entry != nullptr && !(explicit_entry->implied && old_directory != nullptr)) {
    node.entry = explicit_entry->entry;
  } else if (old_directory != nullptr && !whiteout) {
    node.entry = old_directory->entry;
  } else {
    node.entry.type = EntryType::kDirectory;
    node.entry.mode = 0755;
    node.entry.mtime = FirstAddition(below)->entry.mtime;
  }
  node.directory = keeps_names ? old_directory->directory : nullptr;
  if (node.directory == nullptr || !below.empty()) {
    ASSIGN_OR_RETURN(node.directory, MergeDirectory(node.directory, below, offset + name.size() + 1));
  }
  bool changed = old_directory == nullptr || node.directory != old_directory->directory ||
                 !(node.entry == old_directory->entry);
  out->push_back(std::move(node));
  return changed;
}

}  // namespace

absl::StatusOr<Node> ApplyDelta(const Node& old_root, const Delta& delta, LinkCounts* links) {
  const std::vector<DeltaEntry>& entries = delta.entries();
  Node root = old_root;
  if (entries.empty()) return root;
  Merger merger(entries, links);
  Range range = {0, entries.size()};
  if (entries[0].path.empty()) {
    ++range.begin;
    if (!entries[0].implied) root.entry = entries[0].entry;
    if (entries[0].opaque) {
      merger.Forget(*root.directory);
      root.directory = nullptr;
    }
  }
  ASSIGN_OR_RETURN(root.directory, merger.MergeDirectory(root.directory, range, 0));
  return root;
}

}  // namespace kasane
