// The packs of a store: uncompressed layer tars whose regular files serve as blobs.
//
// Index format 1 (packs/<diff_id in hex>.idx, numbers little-endian, 8 bytes): "KSNP" 0x01 0 0 0, size of the
// tar, number of rows; then the rows, sorted by digest: digest (32 bytes), offset in the tar, size.
#ifndef KASANE_SRC_STORE_PACK_SET_H_
#define KASANE_SRC_STORE_PACK_SET_H_

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/digest.h"
#include "src/store/mapped_file.h"
#include "src/store/store.h"

namespace kasane {

struct PackRow {
  Digest content;
  int64_t offset = 0;
  int64_t size = 0;
};

// Sorts the rows; of equal digests one is kept.
std::string EncodePackIndex(std::vector<PackRow> rows, int64_t tar_size);

// A mapped index.
class PackIndex {
 public:
  // kDataLoss if the file is damaged as far as can be told without reading it all.
  static absl::StatusOr<PackIndex> Open(const std::string& path);
  int64_t tar_size() const { return tar_size_; }
  size_t size() const { return count_; }
  PackRow Row(size_t i) const;
  bool Find(const Digest& content, PackRow* row) const;

 private:
  std::shared_ptr<const MappedFile> file_;
  int64_t tar_size_ = 0;
  size_t count_ = 0;
};

// Thread safe. Sees packs that other processes publish meanwhile.
class PackSet {
 public:
  // `on_damage` is called when a damaged pack has been removed.
  PackSet(std::string directory, std::function<void()> on_damage)
      : directory_(std::move(directory)), on_damage_(std::move(on_damage)) {}

  std::string TarPath(const Digest& diff_id) const;
  std::string IndexPath(const Digest& diff_id) const;
  // True if some pack holds a file of this content (and this size, unless it is -1).
  bool Contains(const Digest& content, int64_t size);
  // The same file, if its pack is known and open. No system call is made: it may be read even if the pack has
  // lost its name meanwhile.
  absl::optional<BlobRef> FindOpen(const Digest& content, int64_t size);
  // kNotFound if there is none; `pack`, which may be null, is the diff_id of the one that holds it.
  absl::StatusOr<BlobRef> OpenFileIn(const Digest& content, int64_t size, Digest* pack);
  absl::StatusOr<BlobRef> OpenTar(const Digest& diff_id);
  void RemoveDamaged(const Digest& diff_id);

 private:
  struct Pack {
    PackIndex index;
    std::shared_ptr<const UniqueFd> tar;  // null until used
  };
  // The pack that holds such a content; end() if there is none.
  std::map<Digest, Pack>::iterator Holder(const Digest& content, int64_t size, PackRow* row);
  // Rereads the directory if it has changed.
  void Refresh();
  absl::StatusOr<std::shared_ptr<const UniqueFd>> Tar(const Digest& diff_id, Pack* pack);
  void RemoveLocked(const Digest& diff_id);

  const std::string directory_;
  const std::function<void()> on_damage_;
  std::mutex mutex_;
  std::map<Digest, Pack> packs_;
  Digest last_;            // the pack that held what was looked for last: the next content is often there too
  timespec read_at_ = {};  // the directory's mtime when it was read
  bool settled_ = false;   // that mtime was old enough for a later change to give another one
};

}  // namespace kasane

#endif  // KASANE_SRC_STORE_PACK_SET_H_
