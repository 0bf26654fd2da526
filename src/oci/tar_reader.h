// A strict reader of tar streams from strangers: V7, USTAR, PAX, GNU long names, base-256 numbers,
// PAX sparse files. Old GNU sparse files (which Go's reader takes and BuildKit refuses) and member types that
// no layer needs are refused, not skipped. Push style: bytes go in as they arrive.
#ifndef KASANE_SRC_OCI_TAR_READER_H_
#define KASANE_SRC_OCI_TAR_READER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/oci/pax.h"
#include "src/oci/tar_header.h"
#include "src/oci/tar_sparse.h"

namespace kasane {

class TarReader {
 public:
  // Told in the order of the stream. A status that is not OK ends the reading and is what Write returns.
  class Handler {
   public:
    virtual ~Handler() = default;
    // `content_offset`: where the content begins in the stream; means nothing for a sparse file.
    virtual absl::Status OnMember(const TarHeader& header, int64_t content_offset) = 0;
    virtual absl::Status OnContent(absl::string_view data) = 0;  // of the last member, in pieces
    virtual absl::Status OnMemberEnd() = 0;                      // after the content, also after an empty one
  };

  // `handler` must outlive the reader.
  explicit TarReader(Handler* handler) : handler_(handler) {}

  // kDataLoss, with what is wrong and where, if the bytes are no tar; kUnimplemented for what is refused.
  // After an error the reader is of no more use.
  absl::Status Write(absl::string_view data);
  // For readers of a file that can seek: how much of the present member's content is still to come, and how
  // to pass over that many bytes instead of writing them (OnContent does not see them).
  uint64_t content_left() const { return state_ == State::kContent && !sparse_.has_value() ? left_ : 0; }
  absl::Status SkipContent(uint64_t size);
  // True after the two zero blocks: what follows counts for nothing, not even if it is damaged.
  bool ended() const { return state_ == State::kEnded; }
  // After the last byte. An archive may end without its two zero blocks, but not in the middle of a member.
  absl::Status Finish() const;

 private:
  enum class State { kHeader, kMetadata, kContent, kPadding, kEnded };

  absl::Status OnHeaderBlock(const char* block);
  absl::Status OnMetadata();
  absl::Status StartMember(const char* block);
  absl::Status OnContent(absl::string_view data);
  absl::Status EndMember();
  absl::Status Fail(absl::string_view what) const;
  // After content or metadata: to the next whole block, where a header begins.
  void SkipPadding();

  Handler* handler_;
  State state_ = State::kHeader;
  int64_t position_ = 0;   // of the next byte in the stream
  int64_t header_at_ = 0;  // of the last header block, for messages
  uint64_t left_ = 0;      // of content, metadata or padding
  std::string pending_;    // an incomplete header block, or metadata
  bool zero_block_ = false;
  absl::optional<SparseContent> sparse_;  // the present member's

  // What the members before this one said about it.
  char metadata_type_ = 0;
  PaxRecords pax_;
  std::string long_name_, long_link_;
  bool has_long_name_ = false, has_long_link_ = false;
  bool prefixed_ = false;  // such a member was met and its subject not yet
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_TAR_READER_H_
