#include "src/oci/fragment_reader.h"

#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/oci/tar_writer.h"

namespace kasane {
namespace {

std::string Name(const std::string& path) { return absl::StrCat("/", absl::CHexEscape(path)); }

absl::Status NotAsPlanned() { return absl::InternalError("a fragment is not as large as it was planned"); }

// Fills a buffer of the planned size.
class Filler {
 public:
  explicit Filler(FragmentBytes* bytes) : next_(bytes->data()), left_(bytes->size()) {}

  // Room for the next `size` bytes; null: there is not as much.
  char* Take(size_t size) {
    if (size > left_) return nullptr;
    left_ -= size;
    return std::exchange(next_, next_ + size);
  }
  absl::Status Put(absl::string_view bytes) {
    char* to = Take(bytes.size());
    if (to == nullptr) return NotAsPlanned();
    std::memcpy(to, bytes.data(), bytes.size());
    return absl::OkStatus();
  }
  bool is_full() const { return left_ == 0; }

 private:
  char* next_;
  size_t left_;
};

}  // namespace

absl::Status FragmentReader::Damaged(const DeltaEntry& entry) const {
  const Digest& content = entry.entry.content;
  store_.ReadBlob(content).IgnoreError();  // removes it
  return absl::DataLossError(absl::StrCat("the stored content of ", Name(entry.path), " is damaged (",
                                          content.ToString(), "); it was removed, build again"));
}

absl::Status FragmentReader::AppendHeader(const FragmentPart& part, std::string* text) const {
  if (!part.header) return absl::OkStatus();
  return AppendEntryHeader(*part.entry, part.linked == nullptr ? "" : part.linked->path, text);
}

absl::Status FragmentReader::Open(const FragmentPart& part) {
  if (open_ == part.entry) return absl::OkStatus();
  const Entry& entry = part.entry->entry;
  absl::StatusOr<BlobRef> ref = store_.OpenBlob(entry.content);
  if (!ref.ok()) return Annotate(ref.status(), absl::StrCat("content of ", Name(part.entry->path)));
  blob_ = *std::move(ref);
  if (static_cast<uint64_t>(blob_.size) != entry.size) return Damaged(*part.entry);
  open_ = part.entry;
  hash_ = Sha256();
  hashed_ = 0;
  return absl::OkStatus();
}

absl::Status FragmentReader::Check(const FragmentPart& part, absl::string_view bytes) {
  if (hashed_ != part.offset) return absl::OkStatus();
  hash_.Update(bytes);
  hashed_ += bytes.size();
  const Entry& entry = part.entry->entry;
  return hashed_ == entry.size && hash_.Finish() != entry.content ? Damaged(*part.entry) : absl::OkStatus();
}

absl::StatusOr<FragmentBytes> FragmentReader::Read(const Fragment& fragment) {
  FragmentBytes raw(fragment.size);
  Filler filler(&raw);
  std::string text;
  for (size_t i = fragment.begin; i < fragment.end; ++i) {
    const FragmentPart& part = plan_.parts[i];
    text.clear();
    RETURN_IF_ERROR(AppendHeader(part, &text));
    RETURN_IF_ERROR(filler.Put(text));
    if (part.size == 0) continue;
    RETURN_IF_ERROR(Open(part));
    char* to = filler.Take(part.size);
    if (to == nullptr) return NotAsPlanned();
    RETURN_IF_ERROR(PReadExactly(blob_.fd->get(), to, part.size,
                                 blob_.offset + static_cast<int64_t>(part.offset), part.entry->path));
    RETURN_IF_ERROR(Check(part, absl::string_view(to, part.size)));
    text.clear();
    AppendTarPadding(part.size, &text);
    RETURN_IF_ERROR(filler.Put(text));
  }
  text.clear();
  if (fragment.last) AppendTarEnd(&text);
  RETURN_IF_ERROR(filler.Put(text));
  if (!filler.is_full()) return NotAsPlanned();
  return raw;
}

absl::StatusOr<std::vector<FragmentBytes>> FragmentReader::ReadPieces(const Fragment& fragment) {
  std::vector<FragmentBytes> pieces;
  std::string text;  // what is to come before the next content
  uint64_t size = 0;
  auto add = [&](FragmentBytes piece) {
    size += piece.size();
    if (!piece.empty()) pieces.push_back(std::move(piece));
  };
  for (size_t i = fragment.begin; i < fragment.end; ++i) {
    const FragmentPart& part = plan_.parts[i];
    RETURN_IF_ERROR(AppendHeader(part, &text));
    if (part.size == 0) continue;
    RETURN_IF_ERROR(Open(part));
    add(FragmentBytes::CopyOf(text));
    text.clear();
    FileWindow& window = blob_.whole_file ? files_ : packs_;
    absl::StatusOr<FragmentBytes> content =
        window.Read(blob_.fd, blob_.offset + static_cast<int64_t>(part.offset),
                    static_cast<int64_t>(part.size), part.entry->path);
    if (absl::IsDataLoss(content.status())) return Damaged(*part.entry);
    RETURN_IF_ERROR(content.status());
    add(*std::move(content));
    AppendTarPadding(part.size, &text);
  }
  if (fragment.last) AppendTarEnd(&text);
  add(FragmentBytes::CopyOf(text));
  if (size != fragment.size) return NotAsPlanned();
  return pieces;
}

}  // namespace kasane
