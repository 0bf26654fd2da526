#include "src/steps/copy_unpack.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/steps/copy_place.h"

namespace kasane {
namespace {

constexpr int kMaxLinks = 40;  // the kernel's limit
constexpr uint32_t kMadeMode = 0755;

std::string Join(const std::string& directory, absl::string_view name) {
  return directory.empty() ? std::string(name) : absl::StrCat(directory, "/", name);
}

// The path below the destination that a name means: "" is the destination itself.
std::string Inside(absl::string_view name) { return CleanPath(absl::StrCat("/", name)).substr(1); }

class ArchivePlacer {
 public:
  ArchivePlacer(const CopyPlacement& placement, CopyTarget* target)
      : placement_(placement), target_(*target) {}

  absl::Status Place(const Archive& archive) {
    Entry made;
    made.type = EntryType::kDirectory;
    made.mode = kMadeMode;
    made.mtime = placement_.now;
    implied_ = made;
    if (placement_.owner) {
      made.uid = placement_.owner->uid;
      made.gid = placement_.owner->gid;
    }
    ASSIGN_OR_RETURN(root_, target_.Resolve(CleanPath(placement_.destination)));
    RETURN_IF_ERROR(target_.MakeDirs(root_, made, placement_.owner.has_value()));
    for (const ArchiveMember& member : archive) {
      const absl::Status status = PlaceMember(member);
      if (!status.ok())
        return Annotate(status, absl::StrCat("\"", absl::CHexEscape(member.name), "\" of the archive"));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status PlaceMember(const ArchiveMember& member) {
    const std::string inside = Inside(member.name);
    const bool is_directory = member.entry.is_directory();
    if (inside.empty()) {
      if (CleanPath(member.name) == ".") return absl::OkStatus();
      if (!is_directory) return absl::FailedPreconditionError("it would replace the destination");
    }
    std::string path = root_;
    if (!inside.empty()) {
      ASSIGN_OR_RETURN(const std::string parent, Directory(Dirname(inside), /*make=*/true));
      path = Join(parent, Basename(inside));
    }
    const Entry* found = target_.Find(path);
    const bool replaces = found != nullptr && found->is_directory() && !is_directory;
    Entry entry = Adapt(member.entry);
    if (entry.is_symlink() && entry.link_target.empty()) {
      return absl::FailedPreconditionError("a symlink to nothing");
    }
    uint64_t link = 0;
    if (member.hard_link) {
      ASSIGN_OR_RETURN(link, Link(member, path, replaces, &entry));
    } else if (is_directory && found != nullptr && found->is_directory()) {
      KeepXattrs(*found, &entry);
    }
    if (path.empty()) return absl::OkStatus();  // "/" is never changed: no layer of BuildKit's holds it
    if (replaces) {
      target_.Replace(path, std::move(entry), link);
    } else {
      target_.Put(path, std::move(entry), link);
    }
    return absl::OkStatus();
  }

  Entry Adapt(Entry entry) const {
    if (placement_.owner) {
      entry.uid = placement_.owner->uid;
      entry.gid = placement_.owner->gid;
    }
    if (placement_.all_now) entry.mtime = placement_.now;
    return entry;
  }

  // What an entry that stays has besides.
  static void KeepXattrs(const Entry& old, Entry* entry) {
    for (const auto& xattr : old.xattrs) {
      const bool replaced = std::any_of(entry->xattrs.begin(), entry->xattrs.end(),
                                        [&](const auto& other) { return other.first == xattr.first; });
      if (!replaced) entry->xattrs.push_back(xattr);
    }
    std::sort(entry->xattrs.begin(), entry->xattrs.end());
  }

  // Makes `entry` the file that the member links to, with the member's metadata, under all its names but
  // `path`. The number of the group.
  absl::StatusOr<uint64_t> Link(const ArchiveMember& member, const std::string& path, bool replaces,
                                Entry* entry) {
    const std::string inside = Inside(member.link);
    const std::string shown = absl::StrCat("a hard link to \"", absl::CHexEscape(member.link), "\"");
    ASSIGN_OR_RETURN(const std::string parent, Directory(Dirname(inside), /*make=*/false));
    const std::string linked = inside.empty() ? root_ : Join(parent, Basename(inside));
    // What stood at the path has been removed when the link is made.
    const bool gone = linked == path || (replaces && absl::StartsWith(linked, absl::StrCat(path, "/")));
    const Entry* found = gone ? nullptr : target_.Find(linked);
    if (found == nullptr) return absl::FailedPreconditionError(absl::StrCat(shown, ", which is not there"));
    if (found->is_directory()) return absl::FailedPreconditionError(absl::StrCat(shown, ", a directory"));

    Entry file = *found;
    file.uid = entry->uid;
    file.gid = entry->gid;
    if (!file.is_symlink()) {
      file.mode = entry->mode;
      file.mtime = entry->mtime;
    }
    file.link_group = 0;
    std::swap(file.xattrs, entry->xattrs);
    KeepXattrs(*entry, &file);
    *entry = file;

    uint64_t link = target_.LinkOf(linked);
    if (link == 0) link = target_.NewLink();
    std::set<std::string>& names = names_[link];
    names.insert(linked);
    for (const std::string& name : names) {
      if (name == linked || (name != path && target_.LinkOf(name) == link)) target_.Put(name, file, link);
    }
    names.insert(path);
    return link;
  }

  // Where a directory below the destination is. Missing ones are made, or kNotFound.
  absl::StatusOr<std::string> Directory(absl::string_view inside, bool make) {
    const std::vector<std::string> wanted = absl::StrSplit(inside, '/', absl::SkipEmpty());
    std::deque<std::string> rest(wanted.begin(), wanted.end());
    std::vector<std::string> at;  // below root_
    size_t of_link = 0;           // so many at the front of `rest` come from a link: they must be there
    int links = 0;
    while (!rest.empty()) {
      const std::string name = std::move(rest.front());
      rest.pop_front();
      const bool must_exist = of_link > 0 || !make;
      if (of_link > 0) --of_link;
      if (name == ".") continue;
      if (name == "..") {
        if (!at.empty()) at.pop_back();
        continue;
      }
      at.push_back(name);
      const std::string path = Path(at);
      const Entry* found = target_.Find(path);
      if (found == nullptr) {
        if (must_exist) return absl::FailedPreconditionError(absl::StrCat("\"/", path, "\" is not there"));
        RETURN_IF_ERROR(target_.MakeDirs(path, implied_, /*owned=*/true));
      } else if (found->is_symlink()) {
        if (++links > kMaxLinks) return absl::FailedPreconditionError("too many symbolic links");
        at.pop_back();
        if (absl::StartsWith(found->link_target, "/")) at.clear();
        const std::vector<std::string> target =
            absl::StrSplit(found->link_target.get(), '/', absl::SkipEmpty());
        rest.insert(rest.begin(), target.begin(), target.end());
        of_link += target.size();
      } else if (!found->is_directory()) {
        return absl::FailedPreconditionError(absl::StrCat("\"/", path, "\" is not a directory"));
      }
    }
    return Path(at);
  }

  std::string Path(const std::vector<std::string>& below_root) const {
    std::string path = root_;
    for (const std::string& name : below_root) path = Join(path, name);
    return path;
  }

  const CopyPlacement& placement_;
  CopyTarget& target_;
  Entry implied_;
  std::string root_;                                 // the destination, resolved
  std::map<uint64_t, std::set<std::string>> names_;  // of hard links
};

}  // namespace

absl::Status PlaceArchive(const Archive& archive, const CopyPlacement& placement, CopyTarget* target) {
  return ArchivePlacer(placement, target).Place(archive);
}

}  // namespace kasane
