// What an archive holds that ADD unpacks: a tar, plain or compressed with gzip, bzip2, xz or zstd.
#ifndef KASANE_SRC_STEPS_COPY_ARCHIVE_H_
#define KASANE_SRC_STEPS_COPY_ARCHIVE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/oci/tar_reader.h"
#include "src/store/store.h"
#include "src/tree/entry.h"

namespace kasane {

struct ArchiveMember {
  std::string name;  // as it stands in the archive: nothing to be trusted
  bool hard_link = false;
  std::string link;  // of a hard link: the name that it links to
  Entry entry;       // of a hard link: a file without content, for its owner, mode and times
};
using Archive = std::vector<ArchiveMember>;

// Makes an Archive of what a TarReader tells.
class ArchiveCollector : public TarReader::Handler {
 public:
  // Told of each file's content, but for sparse files: its digest, where it begins in the tar, its size.
  using OnFile = std::function<void(const Digest&, int64_t offset, int64_t size)>;
  explicit ArchiveCollector(OnFile on_file) : on_file_(std::move(on_file)) {}
  absl::Status OnMember(const TarHeader& header, int64_t content_offset) override;
  absl::Status OnContent(absl::string_view data) override;
  absl::Status OnMemberEnd() override;
  Archive& archive() { return archive_; }

 private:
  OnFile on_file_;
  Archive archive_;
  Sha256 hash_;
  int64_t offset_ = 0;
  bool sparse_ = false;
  uint64_t metadata_bytes_ = 0;
};

// Format 1: "KSNU" 0x01, count (varint), then per member: name (bytes), flags (varint: 1 a hard link), link
// (bytes) if it is one, the entry (EncodeEntry, with its time).
std::string EncodeArchive(const Archive& archive);
absl::StatusOr<Archive> DecodeArchive(absl::string_view bytes);

// The members of the archive that a file of this content is; null if it is none: its first bytes, unpacked,
// begin with no header of a tar. An archive that breaks off later is kDataLoss. The contents of its files are
// in the store then, as a pack of the unpacked tar. The answer is kept: it is looked for once.
absl::StatusOr<std::unique_ptr<Archive>> ReadArchive(Store* store, const Digest& content);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COPY_ARCHIVE_H_
