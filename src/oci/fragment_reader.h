// Reads the fragments that a layer's plan names out of the store.
#ifndef KASANE_SRC_OCI_FRAGMENT_READER_H_
#define KASANE_SRC_OCI_FRAGMENT_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/oci/file_window.h"
#include "src/oci/fragment_bytes.h"
#include "src/oci/fragment_plan.h"
#include "src/store/store.h"

namespace kasane {

// Both must outlive it. Not thread safe.
class FragmentReader {
 public:
  FragmentReader(const Store& store, const FragmentPlan& plan) : store_(store), plan_(plan) {}

  // The uncompressed bytes in one piece. Files' contents are checked against their digests, each as its last
  // piece is read, if all of them are read in order. kDataLoss: a stored content is damaged, or was.
  absl::StatusOr<FragmentBytes> Read(const Fragment& fragment);
  // The same bytes in pieces, most of them mapped, and not checked: for a fragment whose CRC is known.
  absl::StatusOr<std::vector<FragmentBytes>> ReadPieces(const Fragment& fragment);

 private:
  absl::Status AppendHeader(const FragmentPart& part, std::string* text) const;
  // Makes blob_ the part's content.
  absl::Status Open(const FragmentPart& part);
  absl::Status Check(const FragmentPart& part, absl::string_view bytes);
  // The error; a damaged content is removed, so that a next build makes it again.
  absl::Status Damaged(const DeltaEntry& entry) const;

  const Store& store_;
  const FragmentPlan& plan_;
  const DeltaEntry* open_ = nullptr;  // whose content blob_ is
  BlobRef blob_;
  Sha256 hash_;  // of the content's first hashed_ bytes
  uint64_t hashed_ = 0;
  FileWindow files_;  // of contents that are files
  FileWindow packs_;  // of the others
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_FRAGMENT_READER_H_
