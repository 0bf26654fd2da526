// Writing and finding the packs of a store.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/store/pack_set.h"
#include "src/store/store.h"
#include "src/store/store_impl.h"

namespace kasane {

struct PackWriter::Impl {
  explicit Impl(Store::Impl* store) : tar(store) {}
  BlobWriter::Impl tar;
  std::vector<PackRow> rows;
};

PackWriter::PackWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PackWriter::PackWriter(PackWriter&&) noexcept = default;
PackWriter& PackWriter::operator=(PackWriter&&) noexcept = default;
PackWriter::~PackWriter() = default;
int64_t PackWriter::size() const { return impl_->tar.size; }
absl::Status PackWriter::Write(absl::string_view data) { return impl_->tar.Write(data); }

void PackWriter::AddFile(const Digest& content, int64_t offset, int64_t size) {
  impl_->rows.push_back({content, offset, size});
}

absl::StatusOr<Digest> PackWriter::Commit(const Digest& expected) {
  BlobWriter::Impl& tar = impl_->tar;
  RETURN_IF_ERROR(tar.status);
  Digest diff_id = tar.hash.Finish();
  if (!expected.empty() && diff_id != expected) {
    return absl::DataLossError(absl::StrCat("expected ", expected.ToString(), ", got ", diff_id.ToString()));
  }
  for (const PackRow& row : impl_->rows) {
    if (row.offset < 0 || row.size < 0 || row.offset > tar.size || row.size > tar.size - row.offset) {
      return absl::InternalError("a file of a pack lies outside it");
    }
  }
  RETURN_IF_ERROR(tar.Spill());
  tar.fd.reset();
  ASSIGN_OR_RETURN(std::string index, tar.store->TemporaryPath());
  RETURN_IF_ERROR(WriteFileAtomic(index, EncodePackIndex(std::move(impl_->rows), tar.size)));
  RETURN_IF_ERROR(tar.store->Publish(index, tar.store->packs.IndexPath(diff_id)));
  RETURN_IF_ERROR(tar.store->Publish(std::exchange(tar.path, ""), tar.store->packs.TarPath(diff_id)));
  return diff_id;
}

PackWriter Store::NewPack() { return PackWriter(std::make_unique<PackWriter::Impl>(impl_.get())); }

bool Store::HasPack(const Digest& diff_id) const { return impl_->packs.OpenTar(diff_id).ok(); }

absl::StatusOr<BlobRef> Store::OpenPack(const Digest& diff_id) const { return impl_->packs.OpenTar(diff_id); }

}  // namespace kasane
