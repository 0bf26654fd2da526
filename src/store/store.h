// The content-addressed store: blobs, packs, results. Shared by all builds of a user, safe for many
// processes.
//
// Layout under the store's directory (format 1; "format" holds the number, another number is refused):
//   format               the number
//   id                   16 random hex digits, made with the store
//   generation           counts garbage collections
//   blobs/sha256/ab/     blobs, mode 0444, named by their digests: so a layer's name is its OCI digest
//   packs/<hex>.tar      an uncompressed layer (named by its diff_id) whose regular files serve as blobs too
//   packs/<hex>.idx      what lies where in it
//   results/ab/<hex>     a result by key: small JSON
//   warm/                see warm_states.h
//   caches/              see caches.h
//   tmp/<pid>-<n>/       scratch of a running process, with an flock held on tmp/<pid>-<n>.lock
//   lock                 shared by all who use the store, exclusive for garbage collection
// Everything appears by rename, so nothing half-written is ever visible. Nothing is fsync'ed: after a power
// loss a blob may be damaged; sizes are checked at each open, digests where the bytes are read anyway
// (ReadBlob), and a damaged entry counts as missing and is removed.
#ifndef KASANE_SRC_STORE_STORE_H_
#define KASANE_SRC_STORE_STORE_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/base/file.h"

namespace kasane {

// Bytes somewhere in the store: all of a file, or a range of a pack.
struct BlobRef {
  std::shared_ptr<const UniqueFd> fd;
  int64_t offset = 0;
  int64_t size = 0;
  bool whole_file =
      false;  // a loose blob: offset 0, the file is the blob (may be linked, or passed through FUSE)
};

// Hands all of them to `take`, piece by piece. `name` is for errors.
absl::Status ReadPieces(const BlobRef& blob, absl::string_view name,
                        absl::FunctionRef<absl::Status(absl::string_view piece)> take);

// A directory of this process's own under the store (so on the same file system), removed by the destructor;
// if the process is killed, by the next Store::Open.
class ScratchDir {
 public:
  ScratchDir() = default;
  ScratchDir(ScratchDir&&) noexcept;
  ScratchDir& operator=(ScratchDir&&) noexcept;
  ~ScratchDir();
  const std::string& path() const { return path_; }

 private:
  friend class Store;
  void Remove();
  std::string path_;
  std::string lock_path_;
  UniqueFd lock_;
  pid_t process_ = 0;  // whose it is
};

class Store;

// A new blob, hashed as it is written. Dropped without Commit, it leaves nothing.
class BlobWriter {
 public:
  BlobWriter(BlobWriter&&) noexcept;
  BlobWriter& operator=(BlobWriter&&) noexcept;
  ~BlobWriter();
  absl::Status Write(absl::string_view data);
  int64_t size() const;
  // The hash so far. Who knows it already writes with WriteUnhashed, and sets it before the next Write or
  // Commit.
  const Sha256& hash() const;
  absl::Status WriteUnhashed(absl::string_view data);
  void SetHash(const Sha256& hash);
  // Publishes it. If `expected` is not empty and differs: kDataLoss, and nothing is published.
  absl::StatusOr<Digest> Commit(const Digest& expected = Digest());

 private:
  friend class Store;
  friend class PackWriter;
  struct Impl;
  explicit BlobWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A new pack: the caller streams an uncompressed tar in and says where regular files' contents lie.
class PackWriter {
 public:
  PackWriter(PackWriter&&) noexcept;
  PackWriter& operator=(PackWriter&&) noexcept;
  ~PackWriter();
  absl::Status Write(absl::string_view data);  // hashed on the way: the diff_id
  // The file whose content is [offset, offset + size) of the tar has this digest.
  void AddFile(const Digest& content, int64_t offset, int64_t size);
  int64_t size() const;
  // Publishes it under its diff_id, index first. If `expected` is not empty and differs: kDataLoss, nothing
  // published.
  absl::StatusOr<Digest> Commit(const Digest& expected = Digest());

 private:
  friend class Store;
  struct Impl;
  explicit PackWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Thread safe.
class Store {
 public:
  struct Impl;  // store_impl.h

  // $KASANE_STORE, else $XDG_CACHE_HOME/kasane, else ~/.cache/kasane.
  static std::string DefaultPath();
  // Creates it if needed and takes the shared lock for the life of the object. Scratch of dead processes is
  // removed.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& directory);
  // "<id>.<generation>" without opening or creating the store; "" if there is none. Stands in every edge's
  // command.
  static std::string ReadIdentity(const std::string& directory);
  ~Store();

  const std::string& directory() const;
  std::string identity() const;

  // Blobs, wherever they are (loose or in a pack).
  bool HasBlob(const Digest& digest) const;
  // kNotFound if missing. A loose blob that is not `expected_size` bytes long (-1: not known) is damaged and
  // removed.
  absl::StatusOr<BlobRef> OpenBlob(const Digest& digest, int64_t expected_size = -1) const;
  // The same, as a file of its own: kNotFound if it is not loose. `take_out`: then it is copied out of its
  // pack.
  absl::StatusOr<BlobRef> OpenLooseBlob(const Digest& digest, int64_t expected_size, bool take_out);
  // Whole, and verified against its digest. A damaged loose blob is removed and reported as kNotFound.
  absl::StatusOr<std::string> ReadBlob(const Digest& digest) const;
  absl::StatusOr<Digest> PutBlob(absl::string_view bytes);
  BlobWriter NewBlob();
  // Hashes and copies in one pass (reflink where possible after hashing is not one pass: do not). `size_out`
  // may be null. The bytes stored are the bytes hashed, whatever happens to the file meanwhile.
  absl::StatusOr<Digest> CopyIn(int fd, int64_t* size_out);
  // Hashes the file, then renames it into the store (it must lie on the store's file system and have no
  // writer left); mode and owner of the blob become 0444 and the user's. `size_out` may be null.
  absl::StatusOr<Digest> MoveIn(const std::string& path, int64_t* size_out);
  // The path of a loose blob, for links into an output directory; kNotFound if it is not loose.
  absl::StatusOr<std::string> LooseBlobPath(const Digest& digest) const;

  bool HasPack(const Digest& diff_id) const;
  PackWriter NewPack();
  absl::StatusOr<BlobRef> OpenPack(const Digest& diff_id) const;  // the whole tar

  // Results. A key is the digest of everything the result depends on. The last writer wins.
  absl::StatusOr<std::string> GetResult(const Digest& key) const;  // kNotFound if there is none
  absl::Status PutResult(const Digest& key, absl::string_view value);

  absl::StatusOr<ScratchDir> NewScratch();

  Impl* impl() const { return impl_.get(); }  // for the other files of this folder

 private:
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kasane

#endif  // KASANE_SRC_STORE_STORE_H_
