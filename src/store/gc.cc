#include "src/store/gc.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/store/built_images.h"
#include "src/store/store_impl.h"
#include "src/store/tree_store.h"
#include "src/store/warm_states.h"
#include "src/tree/tree_file.h"

namespace kasane {
namespace {

constexpr char kUses[] = "uses";  // in a container's directory

std::vector<std::string> List(const std::string& directory) {
  std::vector<std::string> names;
  DIR* dir = opendir(directory.c_str());
  if (dir == nullptr) return names;
  while (dirent* entry = readdir(dir)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(dir);
  return names;
}

// Files named by digests in folders of two digits.
struct Item {
  std::string path;
  Digest digest;
  struct stat st;
};
std::vector<Item> ListByDigest(const std::string& directory) {
  std::vector<Item> items;
  for (const std::string& folder : List(directory)) {
    for (const std::string& name : List(absl::StrCat(directory, "/", folder))) {
      Item item;
      item.path = absl::StrCat(directory, "/", folder, "/", name);
      absl::StatusOr<Digest> digest = Digest::ParseHex(name);
      if (!digest.ok() || lstat(item.path.c_str(), &item.st) != 0) continue;
      item.digest = *digest;
      items.push_back(std::move(item));
    }
  }
  return items;
}

class Collector {
 public:
  Collector(Store* store, const GcPolicy& policy)
      : store_(store),
        directory_(store->directory()),
        dry_run_(policy.dry_run),
        used_since_(absl::ToTimeT(absl::Now() - policy.unused_for)),
        young_since_(absl::ToTimeT(absl::Now() - policy.grace)) {}

  absl::StatusOr<GcReport> Run() {
    SortResults();
    SortWarmStates();
    MarkImages();
    MarkContainers();
    while (!pending_.empty()) {
      Digest digest = pending_.back();
      pending_.pop_back();
      Follow(digest);
    }
    std::vector<Item> blobs = ListByDigest(absl::StrCat(directory_, "/blobs/sha256"));
    SweepPacks(blobs);
    for (const Item& blob : blobs) {
      bool keep = marked_.contains(blob.digest) || blob.st.st_ctime >= young_since_;
      (keep ? report_.bytes_kept : report_.bytes_removed) += blob.st.st_size;
      if (!keep) Discard(blob.path, &report_.blobs_removed);
    }
    if (dry_run_ || (doomed_.empty() && doomed_states_.empty())) return report_;
    RETURN_IF_ERROR(store_->impl()->NextGeneration());
    for (const Digest& key : doomed_states_) {
      const absl::Status status = RemoveWarmState(store_, key);
      if (!absl::IsUnavailable(status)) RETURN_IF_ERROR(status);  // else it is in use after all
    }
    // Results come first: none may be left that leads to what is gone.
    for (const std::string& path : doomed_) {
      if (unlink(path.c_str()) != 0 && errno != ENOENT) {
        return ErrnoStatus(errno, absl::StrCat("cannot remove ", path));
      }
    }
    RETURN_IF_ERROR(RemoveLostImages(*store_));
    return report_;
  }

 private:
  void Discard(const std::string& path, int64_t* counter) {
    ++*counter;
    doomed_.push_back(path);
  }

  void Mark(const Digest& digest) {
    if (marked_.insert(digest).second) pending_.push_back(digest);
  }

  // A warm tool's state is worth what it saves: it goes with its last use as a result does.
  void SortWarmStates() {
    for (const WarmState& state : ListWarmStates(*store_)) {
      if (state.last_used >= used_since_) continue;
      ++report_.results_removed;
      doomed_states_.push_back(state.key);
    }
  }

  // What a container of an image needs; its layers are results'.
  void MarkImages() {
    for (const BuiltImage& image : ListBuiltImages(*store_)) {
      if (image.built < used_since_) continue;
      Mark(image.manifest);
      if (!image.base.empty()) Mark(image.base);
      for (const Digest& delta : image.deltas) Mark(delta);
      const absl::StatusOr<std::string> text = store_->ReadBlob(image.manifest);
      if (text.ok()) MarkNamed(*text);
    }
  }

  void MarkContainers() {
    const std::string containers = absl::StrCat(directory_, "/containers");
    for (const std::string& name : List(containers)) {
      const absl::StatusOr<std::string> text = ReadFile(absl::StrCat(containers, "/", name, "/", kUses));
      if (text.ok()) MarkNamed(*text);
    }
  }

  void SortResults() {
    for (const Item& item : ListByDigest(absl::StrCat(directory_, "/results"))) {
      absl::StatusOr<std::string> text = ReadFile(item.path);
      if (item.st.st_mtime < used_since_ || !text.ok()) {
        Discard(item.path, &report_.results_removed);
        continue;
      }
      MarkNamed(*text);
    }
  }

  void MarkNamed(const std::string& text) {
    constexpr absl::string_view kPrefix = "sha256:";
    for (size_t at = text.find("sha256:"); at != std::string::npos; at = text.find("sha256:", at + 1)) {
      absl::StatusOr<Digest> digest = Digest::Parse(absl::string_view(text).substr(at, kPrefix.size() + 64));
      if (digest.ok()) Mark(*digest);
    }
  }

  // Marks what a delta or a tree file leads to. What lies in them is data, and leads nowhere.
  void Follow(const Digest& digest) {
    absl::StatusOr<std::string> path = store_->LooseBlobPath(digest);
    if (!path.ok()) return;
    char magic[4] = {};
    {
      absl::StatusOr<UniqueFd> fd = OpenFile(*path, O_RDONLY);
      if (!fd.ok() || pread(fd->get(), magic, sizeof(magic), 0) != sizeof(magic)) return;
    }
    absl::string_view kind(magic, sizeof(magic));
    if (kind == "KSND") {
      absl::StatusOr<Delta> delta = LoadDelta(*store_, digest);
      if (!delta.ok()) return;
      for (const DeltaEntry& e : delta->entries()) {
        if (e.entry.is_file()) marked_.insert(e.entry.content);
      }
    } else if (kind == "KSNT") {
      absl::StatusOr<Tree> tree = LoadTree(*store_, digest);
      if (!tree.ok()) return;
      for (const auto& file : TreeFilesOf(*tree)) Mark(file);
      tree->Walk([this](const std::string&, const Node& node) {
        if (node.entry.is_file()) marked_.insert(node.entry.content);
        return true;
      });
    }
  }

  void SweepPacks(const std::vector<Item>& blobs) {
    absl::flat_hash_set<Digest> loose;
    for (const Item& blob : blobs) loose.insert(blob.digest);
    const std::string packs = absl::StrCat(directory_, "/packs");
    std::vector<std::string> names = List(packs);
    for (const std::string& name : names) {
      std::string path = absl::StrCat(packs, "/", name);
      struct stat st;
      if (lstat(path.c_str(), &st) != 0) continue;
      bool young = st.st_ctime >= young_since_;
      absl::StatusOr<Digest> diff_id = Digest::ParseHex(absl::string_view(name).substr(0, 64));
      if (!diff_id.ok()) continue;
      const PackSet& set = store_->impl()->packs;
      if (absl::EndsWith(name, ".idx")) {
        // Of a kill between the two renames; with a tar, it goes with the tar.
        if (!young && !PathExists(set.TarPath(*diff_id))) doomed_.push_back(path);
        continue;
      }
      bool keep = young || marked_.contains(*diff_id) || HoldsWhatIsNeeded(set.IndexPath(*diff_id), loose);
      (keep ? report_.bytes_kept : report_.bytes_removed) += st.st_size;
      if (keep) continue;
      Discard(path, &report_.packs_removed);
      doomed_.push_back(set.IndexPath(*diff_id));
    }
  }

  bool HoldsWhatIsNeeded(const std::string& index_path, const absl::flat_hash_set<Digest>& loose) const {
    absl::StatusOr<PackIndex> index = PackIndex::Open(index_path);
    if (!index.ok()) return false;
    for (size_t i = 0; i < index->size(); ++i) {
      Digest content = index->Row(i).content;
      if (marked_.contains(content) && !loose.contains(content)) return true;
    }
    return false;
  }

  Store* const store_;
  const std::string directory_;
  const bool dry_run_;
  const time_t used_since_;
  const time_t young_since_;
  absl::flat_hash_set<Digest> marked_;
  std::vector<Digest> pending_;        // marked by name: may lead further
  std::vector<std::string> doomed_;    // results first
  std::vector<Digest> doomed_states_;  // of warm tools
  GcReport report_;
};

}  // namespace

absl::StatusOr<GcReport> CollectGarbage(Store* store, const GcPolicy& policy) {
  const int lock = store->impl()->lock.get();
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    int error_number = errno;
    flock(lock, LOCK_SH);  // the failed attempt has lost it
    if (error_number != EWOULDBLOCK) return ErrnoStatus(error_number, "cannot lock the store");
    return absl::UnavailableError("the store is in use by another build");
  }
  absl::StatusOr<GcReport> report = Collector(store, policy).Run();
  flock(lock, LOCK_SH);
  return report;
}

absl::Status KeepWhileUsed(Store* store, const std::string& directory, const std::vector<Digest>& digests) {
  Json list = Json::array();
  for (const Digest& digest : digests) list.push_back(digest.ToString());
  RETURN_IF_ERROR(WriteFileAtomic(absl::StrCat(directory, "/", kUses),
                                  DumpJson({{"version", 1}, {"digests", std::move(list)}}), 0600));
  if (flock(store->impl()->lock.get(), LOCK_UN) != 0) return ErrnoStatus(errno, "cannot unlock the store");
  return absl::OkStatus();
}

absl::Status NoLongerUsed(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/", kUses);
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot remove ", path));
}

}  // namespace kasane
