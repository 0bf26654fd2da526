#include "src/oci/delta_builder.h"

#include <algorithm>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/oci/tar_entry.h"

namespace kasane {
namespace {

// AUFS left such names in layers; nobody unpacks them.
constexpr absl::string_view kAufsPrefix = ".wh..wh.";

absl::Status Bad(absl::string_view what) { return absl::DataLossError(absl::StrCat("bad layer: ", what)); }

bool IsBelow(absl::string_view path, absl::string_view directory) {
  return path != directory && IsAtOrBelow(path, directory);
}

DeltaEntry ImpliedOpaque(const std::string& path) {
  DeltaEntry entry;
  entry.path = path;
  entry.opaque = entry.implied = true;
  entry.entry.type = EntryType::kDirectory;
  entry.entry.mode = 0755;
  return entry;
}

}  // namespace

absl::StatusOr<std::string> LayerPath(absl::string_view name) {
  std::string path;
  path.reserve(name.size());
  for (absl::string_view part : absl::StrSplit(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." || absl::StrContains(part, '\0')) {
      return Bad(absl::StrCat("unsafe path ", absl::CHexEscape(name)));
    }
    if (!path.empty()) path.push_back('/');
    path.append(part.data(), part.size());
  }
  return path;
}

absl::Status DeltaBuilder::AddWhiteout(absl::string_view directory, absl::string_view name) {
  if (name == kOpaqueMarker) {
    opaque_.insert(std::string(directory));
    return absl::OkStatus();
  }
  if (absl::StartsWith(name, kAufsPrefix)) return absl::OkStatus();
  name.remove_prefix(kWhiteoutPrefix.size());
  if (name.empty() || name == "." || name == "..") return Bad("a whiteout of nothing");
  whiteouts_.insert(JoinPath(directory, name));
  return absl::OkStatus();
}

absl::Status DeltaBuilder::Add(const TarHeader& header) {
  ASSIGN_OR_RETURN(std::string path, LayerPath(header.name));
  metadata_bytes_ += path.size() * 2 + header.link_name.size() + 400;
  for (const auto& [name, value] : header.xattrs) metadata_bytes_ += name.size() + value.size() + 64;
  if (metadata_bytes_ > kMaxMetadataBytes) return Bad("it has too many members");

  absl::string_view base = Basename(path);
  if (absl::StartsWith(path, kAufsPrefix) || absl::StrContains(path, absl::StrCat("/", kAufsPrefix)) ||
      absl::StartsWith(base, kWhiteoutPrefix)) {
    if (absl::StartsWith(base, kWhiteoutPrefix)) RETURN_IF_ERROR(AddWhiteout(Dirname(path), base));
    AddIgnored();
    return absl::OkStatus();
  }
  if (path.empty() && header.type != TarType::kDirectory) return Bad("the root is no directory");

  Member member;
  member.entry.path = path;
  Entry& entry = member.entry.entry;
  if (header.type == TarType::kHardLink) {
    ASSIGN_OR_RETURN(std::string target, LayerPath(header.link_name));
    auto it = latest_.find(target);
    if (it == latest_.end()) {
      return Bad(absl::StrCat(absl::CHexEscape(path), " is a hard link to ", absl::CHexEscape(target),
                              ", which is not in the layer"));
    }
    const Member& source = members_[static_cast<size_t>(it->second)];
    if (source.entry.entry.is_directory()) {
      return Bad(absl::StrCat(absl::CHexEscape(path), " is a hard link to a directory"));
    }
    if (target == path) {  // to itself: nothing new, as for GNU tar
      AddIgnored();
      return absl::OkStatus();
    }
    member.link_to = source.link_to >= 0 ? source.link_to : it->second;
    entry = members_[static_cast<size_t>(member.link_to)].entry.entry;
  } else {
    entry.type = EntryTypeOf(header.type);
    entry.mode = header.mode;
    entry.uid = header.uid;
    entry.gid = header.gid;
    entry.mtime = header.mtime;
    entry.size = header.size;
    if (entry.is_symlink()) entry.link_target = header.link_name;
    entry.device_major = header.device_major;
    entry.device_minor = header.device_minor;
    for (const auto& xattr : header.xattrs) {
      if (!IsForeignXattr(xattr.first)) entry.xattrs.push_back(xattr);
    }
    if (entry.is_symlink() && entry.link_target.empty()) {
      return Bad(absl::StrCat(absl::CHexEscape(path), " is a symbolic link to nothing"));
    }
  }
  latest_[path] = static_cast<int>(members_.size());
  members_.push_back(std::move(member));
  return absl::OkStatus();
}

void DeltaBuilder::AddIgnored() {
  members_.emplace_back();
  members_.back().ignored = true;
}

void DeltaBuilder::SetContent(const Digest& digest) { members_.back().entry.entry.content = digest; }

absl::StatusOr<std::vector<size_t>> DeltaBuilder::LiveMembers() const {
  std::vector<size_t> order;
  order.reserve(members_.size());
  for (size_t i = 0; i < members_.size(); ++i) {
    if (!members_[i].ignored) order.push_back(i);
  }
  auto path = [this](size_t i) -> const std::string& { return members_[i].entry.path; };
  auto less = [&](size_t a, size_t b) {
    if (path(a) != path(b)) return PathLess(path(a), path(b));
    return a < b;
  };
  if (!std::is_sorted(order.begin(), order.end(), less)) std::sort(order.begin(), order.end(), less);

  // An unpacking that comes upon a non-directory removes what it had put at that path and below. So a member
  // lives if it is the last of its path and no later non-directory stands above it.
  struct Above {
    absl::string_view path;
    size_t last_other;  // one more than the index of the last non-directory of that path; 0: none
    bool directory;     // what the path is in the end
  };
  std::vector<Above> stack;
  std::vector<size_t> live;
  for (size_t i = 0; i < order.size();) {
    size_t end = i;
    size_t last_other = 0;
    for (; end < order.size() && path(order[end]) == path(order[i]); ++end) {
      if (!members_[order[end]].entry.entry.is_directory()) last_other = order[end] + 1;
    }
    size_t last = order[end - 1];
    i = end;
    while (!stack.empty() && !IsBelow(path(last), stack.back().path)) stack.pop_back();
    if (!stack.empty()) {
      if (last < stack.back().last_other) continue;  // gone with its directory
      if (!stack.back().directory) {
        return Bad(absl::StrCat(absl::CHexEscape(path(last)), " lies below ",
                                absl::CHexEscape(stack.back().path), ", which is no directory"));
      }
      last_other = std::max(last_other, stack.back().last_other);
    }
    stack.push_back({path(last), last_other, members_[last].entry.entry.is_directory()});
    live.push_back(last);
  }
  return live;
}

void DeltaBuilder::MakeLinkGroups(const std::vector<size_t>& live) {
  std::map<size_t, std::vector<size_t>> groups;  // by the member that has the content
  for (size_t i : live) {
    if (members_[i].link_to >= 0) groups[static_cast<size_t>(members_[i].link_to)].push_back(i);
  }
  if (groups.empty()) return;
  for (size_t i : live) {
    auto it = groups.find(i);
    if (it != groups.end()) it->second.push_back(i);
  }
  for (auto& [source, group] : groups) {
    std::vector<std::string> paths;
    for (size_t i : group) paths.push_back(members_[i].entry.path);
    std::sort(paths.begin(), paths.end());
    uint64_t id = paths.size() > 1 ? LinkGroupId(paths) : 0;
    Entry entry = members_[source].entry.entry;
    for (size_t i : group) {
      members_[i].entry.entry = entry;
      members_[i].entry.entry.link_group = id;
    }
  }
}

absl::StatusOr<Delta> DeltaBuilder::Finish() {
  ASSIGN_OR_RETURN(std::vector<size_t> live, LiveMembers());
  MakeLinkGroups(live);
  absl::flat_hash_map<absl::string_view, DeltaEntry*> by_path;
  absl::flat_hash_set<std::string>
      non_empty;  // directories with something below, for whiteouts of remade ones
  bool marked = !whiteouts_.empty() || !opaque_.empty();
  for (size_t i : live) {
    if (!marked) break;
    by_path[members_[i].entry.path] = &members_[i].entry;
    absl::string_view up = Dirname(members_[i].entry.path);
    while (non_empty.insert(std::string(up)).second && !up.empty()) up = Dirname(up);
  }

  std::vector<DeltaEntry> extra;
  for (const std::string& path : whiteouts_) {
    // A whiteout hides what lies below this layer only: what the layer itself puts there stays.
    auto it = by_path.find(path);
    if (it != by_path.end()) {
      it->second->opaque = it->second->entry.is_directory();
      continue;
    }
    if (non_empty.contains(path)) {
      opaque_.insert(path);
      continue;
    }
    bool pointless = false;  // it lies in something that is gone itself, or no directory
    for (absl::string_view up = path; !up.empty() && !pointless;) {
      up = Dirname(up);
      auto above = by_path.find(up);
      pointless = (!up.empty() && whiteouts_.contains(std::string(up)) &&
                   !non_empty.contains(std::string(up)) && above == by_path.end()) ||
                  (above != by_path.end() && !above->second->entry.is_directory());
    }
    if (pointless) continue;
    DeltaEntry whiteout;
    whiteout.path = path;
    whiteout.whiteout = true;
    extra.push_back(std::move(whiteout));
  }
  for (const std::string& path : opaque_) {
    auto it = by_path.find(path);
    if (it == by_path.end()) {
      extra.push_back(ImpliedOpaque(path));
    } else if (it->second->entry.is_directory()) {
      it->second->opaque = true;
    }
  }

  std::vector<DeltaEntry> entries = std::move(extra);
  entries.reserve(entries.size() + live.size());
  for (size_t i : live) entries.push_back(std::move(members_[i].entry));
  return Delta::FromEntries(std::move(entries));
}

}  // namespace kasane
