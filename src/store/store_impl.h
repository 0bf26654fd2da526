// What the files of this folder share of a store.
#ifndef KASANE_SRC_STORE_STORE_IMPL_H_
#define KASANE_SRC_STORE_STORE_IMPL_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "src/base/digest.h"
#include "src/base/file.h"
#include "src/store/pack_set.h"
#include "src/store/store.h"

namespace kasane {

struct Store::Impl {
  explicit Impl(std::string path)
      : directory(std::move(path)), packs(directory + "/packs", [this] { NextGeneration().IgnoreError(); }) {}

  const std::string directory;
  std::string identity;
  UniqueFd lock;
  PackSet packs;
  Store* store = nullptr;

  std::string BlobPath(const Digest& digest) const;
  std::string ResultPath(const Digest& key) const;
  // A name for a new file in this process's own scratch.
  absl::StatusOr<std::string> TemporaryPath();
  // A loose blob of this digest and size.
  bool HasLoose(const Digest& digest, int64_t size) const;
  // kNotFound if there is none; a damaged one is removed.
  absl::StatusOr<BlobRef> OpenLoose(const Digest& digest, int64_t expected_size);
  // Renames a finished file to its place, whose folder is made if needed. On failure the file is removed.
  // `by_link`: by a link and an unlink where that can be, which takes longer. A file system has one lock for
  // all renames between its directories; overlayfs takes it to copy something up, and may then ask lowerfs.
  absl::Status Publish(const std::string& temporary, const std::string& path, bool by_link = false) const;
  // The same for a blob; an equal one that is there already stays.
  absl::Status PublishBlob(const std::string& temporary, const Digest& digest, int64_t size,
                           bool by_link = false) const;
  // A copy of the file in this process's scratch that shares its blocks (a reflink: btrfs, xfs); nullopt if
  // it is too small to be worth it, or if there are none between the two file systems, which is found out
  // once.
  absl::optional<std::string> Clone(int fd);
  // Removes a loose blob that is not what its name says.
  void RemoveDamagedBlob(const Digest& digest);
  // Makes records that name what was removed stale.
  absl::Status NextGeneration();

  std::mutex mutex;
  ScratchDir scratch;  // made when first needed; under `mutex`
  std::atomic<int> temporaries{0};
  std::atomic<bool> may_clone{true};
};

// A file in the store's scratch that is hashed as it grows; small ones stay in memory.
struct BlobWriter::Impl {
  explicit Impl(Store::Impl* s) : store(s) {}
  ~Impl();
  absl::Status Write(absl::string_view data);
  absl::Status WriteUnhashed(absl::string_view data);
  // Brings what was written into the file at `path`, which exists from then on.
  absl::Status Spill();

  Store::Impl* const store;
  Sha256 hash;
  int64_t size = 0;
  std::string buffer;
  std::string path;      // empty: not spilled
  bool by_link = false;  // of Publish
  UniqueFd fd;
  absl::Status status;  // the first error; sticks
};

}  // namespace kasane

#endif  // KASANE_SRC_STORE_STORE_IMPL_H_
