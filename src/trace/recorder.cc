#include "src/trace/recorder.h"

#include <fcntl.h>

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/trace/seen_order.h"
#include "src/tree/directory.h"

namespace kasane {
namespace {

// Marks of a node beside its facts.
constexpr uint32_t kOpened = 1u << 30;  // by whom and for what ever
constexpr uint32_t kKnown = 1u << 31;   // it is in `nodes_`

uint32_t FactsOf(StatMeaning meaning) {
  switch (meaning) {
    case StatMeaning::kType:
      return fact::kType;
    case StatMeaning::kMode:
      return fact::kType | fact::kMode;
    case StatMeaning::kSize:
      return fact::kType | fact::kMode | fact::kSize;
    case StatMeaning::kContent:
      return fact::kType | fact::kMode | fact::kContent;
    case StatMeaning::kGoHeader:
      return fact::kType | fact::kMode | fact::kGoHeader;
    case StatMeaning::kTime:
      break;
  }
  return fact::kStat;
}

std::vector<const Node*> WithAncestors(const SeenNode* node) {
  std::vector<const Node*> chain;
  for (const SeenNode* seen = node; seen != nullptr; seen = seen->parent()) chain.push_back(&seen->node());
  return chain;
}

// Directories in which programs make files of random names: instead of the absence of each, "it is empty"
// (B2).
bool IsForTemporaries(absl::string_view directory) { return directory == "tmp" || directory == "var/tmp"; }

}  // namespace

void Recorder::Note(uint32_t pid, const SeenNode& node, uint32_t facts) {
  uint32_t before = node.marks.load(std::memory_order_relaxed);
  if ((before & facts) == facts) return;
  before = node.marks.fetch_or(facts | kKnown);
  if (before & kKnown) return;
  const uint32_t asker = options_.processes->Number(pid);
  node.asker.store(asker, std::memory_order_relaxed);
  absl::MutexLock lock(&mutex_);
  nodes_.push_back(&node);
}

void Recorder::NoteAlias(const SeenNode& node, const std::string& path) {
  absl::MutexLock lock(&mutex_);
  aliases_.emplace(path, &node);
}

bool Recorder::IsWarm(uint32_t pid, const SeenNode& node) {
  if (options_.warm == nullptr) return false;
  const absl::optional<size_t> place = options_.warm->PlaceOf(node);
  if (place.has_value()) options_.warm->Enter(pid, *place, options_.processes);
  return place.has_value();
}

bool Recorder::ShowsTimesByContent(const SeenNode& node) {
  return options_.times_by_content && node.node().entry.is_file() && !IsInBase(node);
}

bool Recorder::KeepsName(const SeenNode& node) {
  // Else the kernel would lead others there without a question, once a tool has been.
  return options_.warm == nullptr || !options_.warm->IsPlace(node);
}

bool Recorder::OnLookup(uint32_t pid, const SeenNode& directory, absl::string_view name,
                        const SeenNode* found) {
  // Where nothing is shown in a place, its name is as absent as any other.
  if (IsWarm(pid, found == nullptr ? directory : *found)) return true;
  if (found == nullptr) {
    std::pair<const SeenNode*, std::string> key(&directory, std::string(name));
    {
      absl::MutexLock lock(&mutex_);
      if (absent_.contains(key)) return true;
    }
    const uint32_t asker = options_.processes->Number(pid);
    absl::MutexLock lock(&mutex_);
    absent_.emplace(std::move(key), asker);
    return true;
  }
  // A hard-linked file is one node for all its names, and another tree may tie the names otherwise: what is
  // asked of the node is asked of each name under which it was found.
  if (found->parent() != &directory || found->node().name != name) {
    std::string above = directory.path();
    NoteAlias(*found, above.empty() ? std::string(name) : absl::StrCat(above, "/", name));
  }
  // The mode too: overlayfs keeps it from the lookup and refuses by it (access(X_OK), exec, open by another
  // user) before it asks any further.
  Note(pid, *found, fact::kType | fact::kMode);
  if (found->node().entry.is_directory()) return true;  // as in OnGetattr
  // Of a base image's files most are stat'ed or opened next, and it rarely changes in times alone.
  if (IsInBase(*found)) {
    Note(pid, *found, fact::kStat);
    return true;
  }
  return !ShowsTimesByContent(*found) &&
         (found->marks.load(std::memory_order_relaxed) & fact::kStat) == fact::kStat;
}

bool Recorder::OnGetattr(uint32_t pid, const SeenNode& node) { return NoteStat(pid, node, ~0u); }

bool Recorder::OnSize(uint32_t pid, const SeenNode& node) { return NoteStat(pid, node, ~fact::kTime); }

bool Recorder::NoteStat(uint32_t pid, const SeenNode& node, uint32_t shown) {
  if (IsWarm(pid, node)) return true;
  if (node.node().entry.is_directory()) {  // shows nothing but type, mode and owner (A5)
    Note(pid, node, fact::kType | fact::kMode);
    return true;
  }
  const bool may_keep = !ShowsTimesByContent(node);
  if (may_keep && (node.marks.load(std::memory_order_relaxed) & fact::kStat) == fact::kStat) return true;
  uint32_t facts = fact::kStat;
  if (!IsInBase(node)) {
    const TableProcess process = options_.processes->Find(pid);
    if (process.profile != nullptr) {
      facts = FactsOf(process.profile->Stat(node.node(), WithAncestors(node.parent())));
    }
    facts &= shown;
  }
  Note(pid, node, facts);
  return may_keep && (facts & fact::kStat) == fact::kStat;
}

Timestamp Recorder::ShownTime(uint32_t pid, const SeenNode& node) {
  if (ShowsTimesByContent(node)) {
    const TableProcess process = options_.processes->Find(pid);
    if (process.profile != nullptr && !process.profile->warm_tool().empty())
      return WarmWatch::TimeOf(node.node().entry);
  }
  return node.node().entry.mtime;
}

uint32_t Recorder::ContentFact(uint32_t pid, const SeenNode& node) {
  if ((node.marks.load(std::memory_order_relaxed) & fact::kContent) == 0 &&
      options_.processes->MayReadGoHeader(node.node().name) && !IsInBase(node)) {
    const TableProcess process = options_.processes->Find(pid);
    if (process.profile != nullptr &&
        process.profile->ReadsGoHeader(node.node(), WithAncestors(node.parent()))) {
      return fact::kGoHeader;
    }
  }
  return fact::kContent;
}

void Recorder::OnReadlink(uint32_t pid, const SeenNode& node) {
  if (!IsWarm(pid, node)) Note(pid, node, fact::kType | fact::kLink);
}

void Recorder::OnOpen(uint32_t pid, const SeenNode& node, uint32_t flags) {
  // All programs are to be known, also one that asks nothing new.
  if (options_.warm != nullptr) options_.processes->Number(pid);
  if (IsWarm(pid, node)) return;
  // A3: what a process reads, maps or executes, and what overlayfs copies up, is opened with O_NOATIME.
  // Overlayfs opens for its own purposes too; then nothing of the content is learnt.
  Note(pid, node, fact::kType | kOpened | (flags & O_NOATIME ? ContentFact(pid, node) : 0));
}

void Recorder::OnRead(uint32_t pid, const SeenNode& node) {
  if (IsWarm(pid, node)) return;
  Note(pid, node, fact::kType | ContentFact(pid, node));
}

void Recorder::OnOpendir(uint32_t, const SeenNode& node) {
  absl::MutexLock lock(&mutex_);
  ++open_[&node].handles;
}

void Recorder::OnReaddir(uint32_t pid, const SeenNode& node) {
  if (IsWarm(pid, node)) return;
  if (options_.warm != nullptr) {
    const absl::optional<size_t> place = options_.warm->PlaceIn(node);
    if (place.has_value()) options_.warm->Listed(pid, *place, options_.processes);
  }
  if (node.marks.load(std::memory_order_relaxed) & fact::kList) return;
  TableProcess process = options_.processes->Find(pid);
  const ListFilter* filter = nullptr;
  // A9: of a directory of several parts, others may be shown what one process has listed.
  if (process.profile != nullptr && options_.narrows && !IsMerged(node) && !IsUnchangedDirectory(node)) {
    filter = process.profile->Listing(WithAncestors(&node), [this, &node](size_t i) {
      const SeenNode* directory = &node;
      while (i-- > 0) directory = directory->parent();
      return options_.processes->upper().NamesIn(directory->path());
    });
  }
  if (filter == nullptr) return Note(pid, node, fact::kType | fact::kList);
  Note(pid, node, fact::kType | fact::kNarrow);
  const std::string bytes = filter->Encode();
  absl::MutexLock lock(&mutex_);
  open_[&node].listed = true;
  uint32_t index = 0;
  while (index < filters_.size() && filters_[index].Encode() != bytes) ++index;
  if (index == filters_.size()) filters_.push_back(*filter);
  std::vector<uint32_t>& filters = narrowed_[&node];
  if (std::find(filters.begin(), filters.end(), index) == filters.end()) filters.push_back(index);
}

void Recorder::OnReleasedir(const SeenNode& node) {
  bool listed;
  {
    absl::MutexLock lock(&mutex_);
    OpenDirectory& open = open_[&node];
    listed = open.listed;
    if (--open.handles <= 0) open_.erase(&node);
  }
  if (listed && UpperHas(node)) Note(0, node, fact::kList);  // A9
}

void Recorder::OnGetxattr(uint32_t pid, const SeenNode& node, absl::string_view name) {
  // Overlayfs asks each file for its own; the answer is always no.
  if (absl::StartsWith(name, "trusted.overlay.") || absl::StartsWith(name, "user.overlay.")) return;
  NoteXattrs(pid, node);
}

void Recorder::OnListxattr(uint32_t pid, const SeenNode& node) { NoteXattrs(pid, node); }

void Recorder::NoteXattrs(uint32_t pid, const SeenNode& node) {
  // Whoever asks this of something in a place has come there by its name, and was noticed.
  if (options_.warm != nullptr && options_.warm->PlaceOf(node).has_value()) return;
  Note(pid, node, fact::kType | fact::kXattrs);
}

void Recorder::OnNoXattrs() {
  absl::MutexLock lock(&mutex_);
  no_xattrs_ = true;
}

bool Recorder::TakesAllStrictly(uint32_t pid, const SeenNode& directory) {
  return IsUnchangedDirectory(directory) || options_.processes->Find(pid).profile == nullptr;
}

const Node* Recorder::BaseDirectory(const SeenNode& directory) {
  if (!options_.base.has_value()) return nullptr;
  if (directory.parent() == nullptr) return &options_.base->root();
  {
    absl::MutexLock lock(&mutex_);
    auto known = base_directories_.find(&directory);
    if (known != base_directories_.end()) return known->second;
  }
  const Node* above = BaseDirectory(*directory.parent());
  const Node* found = above == nullptr ? nullptr : above->Child(directory.node().name);
  if (found != nullptr && found->directory == nullptr) found = nullptr;
  absl::MutexLock lock(&mutex_);
  base_directories_.emplace(&directory, found);
  return found;
}

bool Recorder::IsInBase(const SeenNode& node) {
  if (node.parent() == nullptr) return false;
  const Node* directory = BaseDirectory(*node.parent());
  const Node* found = directory == nullptr ? nullptr : directory->Child(node.node().name);
  return found != nullptr && found->entry == node.node().entry;
}

bool Recorder::IsUnchangedDirectory(const SeenNode& directory) {
  const Node* base = BaseDirectory(directory);
  return base != nullptr && base->directory->digest() == directory.node().directory->digest();
}

bool Recorder::UpperHas(const SeenNode& directory) const {
  return options_.processes->upper().Has(directory.path());
}

bool Recorder::IsMerged(const SeenNode& directory) const {
  return (options_.frequent != nullptr && options_.frequent->LeadsOn(directory.path())) ||
         UpperHas(directory);
}

std::vector<Recorder::Noted> Recorder::NotedBesides(const Tree& tree, const Delta& delta) {
  std::vector<Noted> noted;
  const auto add = [&noted](std::string path, uint32_t facts, uint32_t asker) {
    noted.push_back({std::move(path), facts, asker, nullptr});
  };
  for (const auto& [path, node] : aliases_) noted.push_back({path, 0, 0, node});
  std::set<const SeenNode*> emptied;
  for (const auto& [key, asker] : absent_) {
    std::string directory = key.first->path();
    if (IsForTemporaries(directory) && key.first->node().children().empty()) {
      if (emptied.insert(key.first).second) add(std::move(directory), fact::kType | fact::kList, asker);
    } else {
      add(directory.empty() ? key.second : absl::StrCat(directory, "/", key.second), fact::kAbsent, asker);
    }
  }
  // The root directory is upper's, made by us as the tree has it (A6).
  add("", fact::kType | fact::kMode | fact::kXattrs | (no_xattrs_ ? fact::kNoXattrs : 0), 0);

  // What the changes hold of the tree: A12 and tracing.md 3.5.
  const absl::flat_hash_set<std::string> opened = OpenedOf(delta);
  for (const DeltaEntry& change : delta.entries()) {
    if (change.path.empty() || (options_.warm != nullptr && options_.warm->Covers(change.path))) continue;
    const Node* node = tree.Lookup(change.path);
    if (node == nullptr) {
      // Asked for already where the directory was there before; else its topmost new directory was.
      size_t slash = change.path.rfind('/');
      const Node* above =
          slash == std::string::npos ? &tree.root() : tree.Lookup(change.path.substr(0, slash));
      if (above != nullptr && !change.whiteout) add(change.path, fact::kAbsent, 0);
    } else if (change.whiteout) {
      add(change.path, fact::kType, 0);
    } else if (node->entry.is_directory()) {
      add(change.path, fact::kType | fact::kMode | (change.entry.is_directory() ? fact::kXattrs : 0), 0);
    } else {
      const bool copied_up = opened.contains(change.path) || !node->entry.is_file();
      add(change.path, copied_up ? fact::kStat | fact::kContent | fact::kXattrs : fact::kType, 0);
    }
  }
  // In the place of a cache there was nothing, or a gap as there is now.
  if (options_.warm != nullptr) {
    for (const WarmWatch::Place& place : options_.warm->places()) {
      if (!place.tool.empty()) add(place.path, tree.Lookup(place.path) ? fact::kType : fact::kAbsent, 0);
    }
  }
  std::stable_sort(noted.begin(), noted.end(),
                   [](const Noted& a, const Noted& b) { return PathLess(a.path, b.path); });
  return noted;
}

absl::flat_hash_set<std::string> Recorder::OpenedOf(const Delta& delta) {
  absl::flat_hash_set<absl::string_view> changed;
  for (const DeltaEntry& change : delta.entries()) changed.insert(change.path);
  absl::flat_hash_set<std::string> opened;
  if (changed.empty()) return opened;
  const auto add = [&](std::string path, const SeenNode& node) {
    if ((node.marks.load() & kOpened) != 0 && changed.contains(path)) opened.insert(std::move(path));
  };
  for (const SeenNode* node : nodes_) {
    if (node->marks.load() & kOpened) add(node->path(), *node);
  }
  for (const auto& [path, node] : aliases_) add(path, *node);
  return opened;
}

std::pair<PathSet, std::vector<uint32_t>> Recorder::Finish(const Tree& tree, const Delta& delta) {
  if (whole_) return {PathSet::FromObservations({{"", fact::kType | fact::kTree, {}}}, {}), {0}};
  absl::MutexLock lock(&mutex_);
  PathSetWriter writer(filters_);
  std::vector<uint32_t> who;
  const auto write = [&](absl::string_view path, uint32_t facts, uint32_t asker, const SeenNode* node) {
    mutex_.AssertHeld();  // clang does not see from where it is called
    static const std::vector<uint32_t> none;
    const auto narrowed = node == nullptr ? narrowed_.end() : narrowed_.find(node);
    if (node != nullptr) {
      facts = (node->marks.load() & fact::kAll) | fact::kType;
      asker = node->asker.load();
    }
    if (writer.Add(path, facts, narrowed == narrowed_.end() ? none : narrowed->second)) who.push_back(asker);
  };
  // Both come in the order of paths. Who asked is, of what is said twice, a node's asker.
  const std::vector<Noted> besides = NotedBesides(tree, delta);
  auto next = besides.begin();
  WalkSeen(&nodes_, [&](const std::string& path, const SeenNode& node) {
    for (; next != besides.end() && PathLess(next->path, path); ++next)
      write(next->path, next->facts, next->asker, next->node);
    if (node.marks.load() & kKnown) write(path, 0, 0, &node);
  });
  for (; next != besides.end(); ++next) write(next->path, next->facts, next->asker, next->node);
  return {std::move(writer).Finish(), std::move(who)};
}

}  // namespace kasane
