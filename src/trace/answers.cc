#include "src/trace/answers.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/optional.h"
#include "src/base/binary.h"
#include "src/trace/go_header.h"
#include "src/tree/directory.h"

namespace kasane {
namespace {

constexpr char kCapability[] = "security.capability";

// Where a path of the set leads in a tree: a node, or nothing, in a directory or in none.
struct Place {
  const Node* node = nullptr;
  bool in_directory = false;  // what should hold the name is a directory
};

// Of two paths: is `path` below the directory that the first `length` bytes of `last` name?
bool LiesBelow(absl::string_view path, absl::string_view last, size_t length) {
  return path.size() > length && path[length] == '/' && path.substr(0, length) == last.substr(0, length);
}

void PutXattrs(const Entry& entry, bool all, std::string* out) {
  for (const auto& [name, value] : entry.xattrs) {
    if (!all && name != kCapability) continue;
    // overlayfs's own are not shown to anybody (lowerfs.cc).
    if (absl::StartsWith(name, "trusted.overlay.") || absl::StartsWith(name, "user.overlay.")) continue;
    PutBytes(out, name);
    PutBytes(out, value);
  }
}

void PutNames(const Node& directory, const ListFilter* filter, std::string* out) {
  for (const Node& child : directory.children()) {
    if (filter != nullptr && !filter->Keeps(child.name, child.entry.type)) continue;
    PutBytes(out, child.name);
    PutVarint(out, static_cast<uint64_t>(child.entry.type));
    PutVarint(out, child.entry.is_directory() ? 0 : child.entry.link_group);  // d_ino tells of it
  }
}

void PutGoHeader(const Node& file, const AskedTree& asked, std::string* out) {
  if (file.entry.is_file() && asked.read != nullptr) {
    const absl::StatusOr<std::string> content = asked.read(file);
    if (content.ok()) {
      if (const absl::optional<absl::string_view> header = GoHeader(*content); header.has_value()) {
        return PutBytes(out, absl::StrCat("header ", Sha256Of(*header).bytes()));
      }
    }
  }
  PutBytes(out, file.entry.content.bytes());
}

// The bytes of one answer. `asked` answers what concerns the whole tree.
void PutAnswer(const PathSet& set, const Observation& observation, uint32_t fact, const Place& place,
               const AskedTree& asked, std::string* out) {
  if (fact == fact::kNoXattrs) return PutVarint(out, asked.has_xattrs ? 1 : 0);
  const Node* node = place.node;
  if (fact == fact::kAbsent) return PutVarint(out, node != nullptr ? 2 : place.in_directory ? 1 : 0);
  if (node == nullptr) return PutVarint(out, 0);
  const Entry& entry = node->entry;
  PutVarint(out, static_cast<uint64_t>(entry.type));
  switch (fact) {
    case fact::kMode:
      PutVarint(out, entry.mode);
      PutVarint(out, entry.uid);
      PutVarint(out, entry.gid);
      PutBytes(out, entry.link_target);
      PutVarint(out, entry.is_file() && entry.size == 0 ? 1 : 0);
      return PutXattrs(entry, false, out);
    case fact::kSize:
      return PutVarint(out, entry.size);
    case fact::kTime:
      if (entry.is_directory()) return;
      PutSigned(out, entry.mtime.seconds);
      PutVarint(out, entry.mtime.nanoseconds);
      PutVarint(out, asked.tree.LinkCount(entry));
      PutVarint(out, entry.link_group);
      PutVarint(out, entry.device_major);
      return PutVarint(out, entry.device_minor);
    case fact::kContent:
      return PutBytes(out, entry.content.bytes());
    case fact::kGoHeader:
      return PutGoHeader(*node, asked, out);
    case fact::kLink:
      return PutBytes(out, entry.link_target);
    case fact::kXattrs:
      return PutXattrs(entry, true, out);
    case fact::kList:
      return PutNames(*node, nullptr, out);
    case fact::kNarrow:
      for (uint32_t index : observation.filters) {
        PutNames(*node, &set.filters()[index], out);
        PutVarint(out, index);
      }
      return;
    case fact::kTree:
      EncodeEntry(entry, true, out);
      if (node->directory != nullptr) PutBytes(out, node->directory->digest().bytes());
      return;
    default:
      return;
  }
}

void PutAnswers(const PathSet& set, const Observation& observation, const Place& place,
                const AskedTree& asked, std::string* out) {
  for (uint32_t bit = 1; bit <= observation.facts; bit <<= 1) {
    if (observation.facts & bit) PutAnswer(set, observation, bit, place, asked, out);
  }
}

// An answer in words.
std::string Words(const PathSet& set, const Observation& observation, uint32_t fact, const Place& place,
                  const AskedTree& asked) {
  if (fact == fact::kNoXattrs) return asked.has_xattrs ? "some files have xattrs" : "no file has an xattr";
  if (place.node == nullptr) return "absent";
  const Entry& entry = place.node->entry;
  static constexpr const char* kTypes[] = {
      "?", "file", "directory", "symlink", "fifo", "character device", "block device", "socket"};
  const char* type = kTypes[static_cast<int>(entry.type)];
  switch (fact) {
    case fact::kMode:
      return absl::StrFormat("%s %04o %d:%d", type, entry.mode, entry.uid, entry.gid);
    case fact::kSize:
      return absl::StrCat(entry.size, " bytes");
    case fact::kTime:
      return absl::StrFormat("mtime %d.%09d, %d links", entry.mtime.seconds, entry.mtime.nanoseconds,
                             asked.tree.LinkCount(entry));
    case fact::kContent:
      return entry.is_file() ? entry.content.ToString() : type;
    case fact::kGoHeader:
      return "another Go header";
    case fact::kLink:
      return entry.is_symlink() ? absl::StrCat("-> ", absl::CHexEscape(entry.link_target)) : type;
    case fact::kXattrs:
      return absl::StrCat(entry.xattrs.size(), " xattrs");
    case fact::kList:
    case fact::kNarrow: {
      size_t names = 0;
      for (const Node& child : place.node->children()) {
        bool kept = fact == fact::kList;
        for (uint32_t index : observation.filters) {
          kept |= set.filters()[index].Keeps(child.name, child.entry.type);
        }
        names += kept ? 1 : 0;
      }
      return absl::StrCat(names, " names");
    }
    default:
      return type;
  }
}

// The first name that one directory has and the other has not: what people want to know of two listings.
std::string FirstNameOnlyIn(const PathSet& set, const Observation& observation, const Node* a,
                            const Node* b) {
  if (a == nullptr || a->directory == nullptr) return "";
  for (const Node& child : a->children()) {
    bool kept = (observation.facts & fact::kList) != 0;
    for (uint32_t index : observation.filters)
      kept |= set.filters()[index].Keeps(child.name, child.entry.type);
    if (!kept) continue;
    const Node* other = b == nullptr ? nullptr : b->Child(child.name);
    if (other == nullptr || other->entry.type != child.entry.type) return child.name;
  }
  return "";
}

// Goes through the observations in order, descending in both trees at once.
class Comparison {
 public:
  Comparison(const PathSet& set, const AskedTree& before, const AskedTree& after,
             std::vector<Difference>* differences, size_t limit)
      : set_(set), before_(before), after_(after), differences_(differences), limit_(limit) {}

  bool Run() {
    way_.push_back({0, {&before_.tree.root(), true}, {&after_.tree.root(), true}, absl::nullopt});
    std::string last;
    size_t index = 0;
    for (const Observation& observation : set_) {
      if (Done()) break;
      while (way_.size() > 1 && !LiesBelow(observation.path, last, way_.back().length)) way_.pop_back();
      if (Descend(observation.path)) Check(observation, index, way_.back().before, way_.back().after);
      last = observation.path;
      ++index;
    }
    return same_;
  }

 private:
  // A directory on the way to the last path, and how much of it leads there.
  struct Step {
    size_t length;
    Place before, after;
    absl::optional<bool> equal;  // with all that lies below; told when it is asked for
  };

  bool Done() const { return !same_ && (differences_ == nullptr || differences_->size() >= limit_); }

  // Goes on from the last step of the way that is left. False: the path lies below what is equal in both.
  bool Descend(absl::string_view path) {
    size_t begin = way_.back().length == 0 ? 0 : way_.back().length + 1;
    while (begin < path.size()) {
      Step& above = way_.back();
      if (!above.equal.has_value()) above.equal = Equal(above.before.node, above.after.node);
      if (*above.equal) return false;
      const size_t end = std::min(path.find('/', begin), path.size());
      const absl::string_view name = path.substr(begin, end - begin);
      way_.push_back({end, Child(above.before, name), Child(above.after, name), absl::nullopt});
      begin = end + 1;
    }
    return true;
  }

  static Place Child(const Place& place, absl::string_view name) {
    if (place.node == nullptr || place.node->directory == nullptr) return {nullptr, false};
    return {place.node->Child(name), true};
  }

  // True if nothing that lies below the two can be told apart. Link counts are not in a directory's digest.
  static bool Equal(const Node* a, const Node* b) {
    if (a == nullptr || b == nullptr) return a == b;
    if (a->directory == nullptr || b->directory == nullptr) return a->directory == b->directory;
    if (a->directory->has_links() || b->directory->has_links()) return false;
    return a->directory == b->directory || a->directory->digest() == b->directory->digest();
  }

  void Check(const Observation& observation, size_t index, const Place& before, const Place& after) {
    for (uint32_t bit = 1; bit <= observation.facts && !Done(); bit <<= 1) {
      if ((observation.facts & bit) == 0) continue;
      if (bit == fact::kGoHeader && before.node != nullptr && after.node != nullptr &&
          before.node->entry.content == after.node->entry.content &&
          before.node->entry.type == after.node->entry.type) {
        continue;  // no need to read it
      }
      old_.clear(), new_.clear();
      PutAnswer(set_, observation, bit, before, before_, &old_);
      PutAnswer(set_, observation, bit, after, after_, &new_);
      if (old_ == new_) continue;
      same_ = false;
      if (differences_ == nullptr) return;
      Difference difference;
      difference.path = observation.path;
      difference.fact = bit;
      difference.observation = index;
      difference.before = Words(set_, observation, bit, before, before_);
      difference.after = Words(set_, observation, bit, after, after_);
      if (bit == fact::kList || bit == fact::kNarrow) {
        std::string gone = FirstNameOnlyIn(set_, observation, before.node, after.node);
        std::string fresh = FirstNameOnlyIn(set_, observation, after.node, before.node);
        if (!gone.empty()) absl::StrAppend(&difference.before, ", with ", absl::CHexEscape(gone));
        if (!fresh.empty()) absl::StrAppend(&difference.after, ", with ", absl::CHexEscape(fresh));
      }
      differences_->push_back(std::move(difference));
    }
  }

  const PathSet& set_;
  const AskedTree& before_;
  const AskedTree& after_;
  std::vector<Difference>* const differences_;
  const size_t limit_;
  std::vector<Step> way_;
  bool same_ = true;
  std::string old_, new_;
};

}  // namespace

Digest Answers(const PathSet& set, const AskedTree& asked) {
  Sha256 hash;
  std::string answer;
  // The directories on the way to the last path, and how much of it leads to each.
  struct Step {
    size_t length;
    Place place;
  };
  std::vector<Step> way = {{0, {&asked.tree.root(), true}}};
  std::string last, framed;
  for (const Observation& observation : set) {
    absl::string_view path = observation.path;
    while (way.size() > 1 && !LiesBelow(path, last, way.back().length)) way.pop_back();
    size_t begin = way.back().length == 0 ? 0 : way.back().length + 1;
    while (begin < path.size()) {
      size_t end = std::min(path.find('/', begin), path.size());
      const Node* parent = way.back().place.node;
      Place place = {nullptr, parent != nullptr && parent->directory != nullptr};
      if (place.in_directory) place.node = parent->Child(path.substr(begin, end - begin));
      way.push_back({end, place});
      begin = end + 1;
    }
    answer.clear();
    PutAnswers(set, observation, way.back().place, asked, &answer);
    framed.clear();
    PutBytes(&framed, answer);
    hash.Update(framed);
    last = observation.path;
  }
  return hash.Finish();
}

bool SameAnswers(const PathSet& set, const AskedTree& before, const AskedTree& after,
                 std::vector<Difference>* differences, size_t limit) {
  return Comparison(set, before, after, differences, limit).Run();
}

absl::string_view FactName(uint32_t fact) {
  switch (fact) {
    case fact::kAbsent:
      return "absence";
    case fact::kType:
      return "existence";
    case fact::kMode:
      return "mode and owner";
    case fact::kSize:
      return "size";
    case fact::kTime:
      return "time";
    case fact::kContent:
      return "content";
    case fact::kGoHeader:
      return "Go header";
    case fact::kLink:
      return "link target";
    case fact::kXattrs:
      return "xattrs";
    case fact::kList:
      return "listing";
    case fact::kNarrow:
      return "listing (narrowed)";
    case fact::kTree:
      return "tree";
    case fact::kNoXattrs:
      return "xattrs of the whole tree";
    default:
      return "?";
  }
}

}  // namespace kasane
