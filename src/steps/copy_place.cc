#include "src/steps/copy_place.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/digest.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/steps/copy_unpack.h"

namespace kasane {
namespace {

class Placer {
 public:
  Placer(const CopyPlacement& placement, CopyTarget* target) : placement_(placement), target_(*target) {
    made_.type = EntryType::kDirectory;
    made_.mode = placement.mode.MadeDirectoryMode();
    if (placement.owner) {
      made_.uid = placement.owner->uid;
      made_.gid = placement.owner->gid;
    }
    made_.mtime = placement.now;
  }

  absl::Status Place(CopyItem item) {
    const bool into =
        absl::EndsWith(placement_.destination, "/") || absl::EndsWith(placement_.destination, "/.");
    const std::string destination = CleanPath(placement_.destination);
    const std::string parent = into ? destination : std::string(Dirname(destination));
    ASSIGN_OR_RETURN(const std::string made, target_.Resolve(parent));
    RETURN_IF_ERROR(MakeDirs(made));

    ASSIGN_OR_RETURN(std::string path, target_.Resolve(destination));
    const bool is_directory = item.entries[0].entry.is_directory();
    const Entry* found = target_.Find(path);
    if (!is_directory && found != nullptr && found->is_directory()) {
      path = Below(path, item.name);
      found = target_.Find(path);
    }
    const bool makes = is_directory && found == nullptr && !item.whole;
    RETURN_IF_ERROR(MakeDirs(makes ? path : std::string(Dirname(path))));

    links_.clear();
    for (CopyEntry& entry : item.entries) {
      std::string at = Below(path, std::move(entry.relative));
      RETURN_IF_ERROR(entry.entry.is_directory()
                          ? PlaceDirectory(std::move(entry), &entry == &item.entries[0], std::move(at))
                          : PlaceFile(std::move(entry), std::move(at)));
    }
    return absl::OkStatus();
  }

 private:
  static std::string Below(const std::string& directory, std::string relative) {
    if (relative.empty()) return directory;
    return directory.empty() ? std::move(relative) : absl::StrCat(directory, "/", relative);
  }

  absl::Status MakeDirs(const std::string& path) {
    return target_.MakeDirs(path, made_, placement_.owner.has_value());
  }

  // The source's entry, as it is to be.
  Entry Adapt(Entry entry) const {
    if (placement_.owner) {
      entry.uid = placement_.owner->uid;
      entry.gid = placement_.owner->gid;
    }
    if (!entry.is_symlink()) entry.mode = placement_.mode.Apply(entry.mode, entry.is_directory());
    if (placement_.all_now) entry.mtime = placement_.now;
    if (entry.type == EntryType::kSocket) {
      entry.type = EntryType::kFile;
      entry.size = 0;
      entry.content = Sha256Of("");
    } else if (entry.type == EntryType::kBlockDevice) {
      entry.type = EntryType::kCharDevice;
    }
    return entry;
  }

  absl::Status PlaceFile(CopyEntry source, std::string path) {
    const Entry* found = target_.Find(path);
    if (found != nullptr && found->is_directory()) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot replace the directory \"/", path, "\" with a file"));
    }
    uint64_t link = 0;
    if (source.link != 0) {
      uint64_t& known = links_[source.link];
      if (known == 0) known = target_.NewLink();
      link = known;
    }
    target_.Put(std::move(path), Adapt(std::move(source.entry)), link);
    return absl::OkStatus();
  }

  absl::Status PlaceDirectory(CopyEntry source, bool is_item, std::string path) {
    const Entry* found = target_.Find(path);
    if (found != nullptr && !found->is_directory()) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot copy a directory to \"/", path, "\": it is ",
                       found->is_symlink() ? "a symlink" : "not a directory"));
    }
    const uint32_t source_mode = source.entry.mode;
    Entry adapted = Adapt(std::move(source.entry));
    if (found == nullptr) {
      target_.Put(std::move(path), std::move(adapted));
      return absl::OkStatus();
    }
    if (path.empty()) return absl::OkStatus();  // "/" is never changed: no layer of BuildKit's holds it
    Entry merged = *found;
    if (is_item) {
      merged.mtime = adapted.mtime;
    } else if (source.parent_only) {
      merged.mode = source_mode;
    } else {
      for (auto& xattr : merged.xattrs) {
        const bool replaced = std::any_of(adapted.xattrs.begin(), adapted.xattrs.end(),
                                          [&](const auto& other) { return other.first == xattr.first; });
        if (!replaced) adapted.xattrs.push_back(std::move(xattr));
      }
      std::sort(adapted.xattrs.begin(), adapted.xattrs.end());
      merged = std::move(adapted);
    }
    target_.Put(std::move(path), std::move(merged));
    return absl::OkStatus();
  }

  const CopyPlacement& placement_;
  CopyTarget& target_;
  Entry made_;
  std::map<uint64_t, uint64_t> links_;  // from the item's numbers to the target's
};

}  // namespace

absl::Status PlaceCopies(std::vector<CopyItem> items, const CopyPlacement& placement, CopyTarget* target) {
  Placer placer(placement, target);
  for (CopyItem& item : items) {
    const absl::Status status = item.archive != nullptr ? PlaceArchive(*item.archive, placement, target)
                                                        : placer.Place(std::move(item));
    if (!status.ok()) return Annotate(status, absl::StrCat("cannot copy to \"", placement.destination, "\""));
  }
  return absl::OkStatus();
}

}  // namespace kasane
