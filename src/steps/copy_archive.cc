#include "src/steps/copy_archive.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/oci/compression.h"
#include "src/oci/tar_entry.h"

namespace kasane {
namespace {

constexpr int kKeyVersion = 1;
constexpr absl::string_view kMagic("KSNU\x01", 5);
constexpr int64_t kMaxSeconds = INT64_MAX / 1000000000;
constexpr size_t kPiece = 1 << 20;  // bytes read and unpacked at once
// Bounds the memory that a small but hostile archive can make us use.
constexpr uint64_t kMaxMetadataBytes = uint64_t{1} << 30;

// Stores the contents of sparse files on their own: the tar does not hold them as they are.
class StoringCollector : public ArchiveCollector {
 public:
  StoringCollector(Store* store, OnFile on_file) : ArchiveCollector(std::move(on_file)), store_(store) {}
  absl::Status OnMember(const TarHeader& header, int64_t content_offset) override {
    blob_.reset();
    if (header.sparse) blob_ = store_->NewBlob();
    return ArchiveCollector::OnMember(header, content_offset);
  }
  absl::Status OnContent(absl::string_view data) override {
    if (blob_.has_value()) RETURN_IF_ERROR(blob_->Write(data));
    return ArchiveCollector::OnContent(data);
  }
  absl::Status OnMemberEnd() override {
    RETURN_IF_ERROR(ArchiveCollector::OnMemberEnd());
    if (!blob_.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Digest digest, blob_->Commit());
    sparse_.push_back(digest);
    return absl::OkStatus();
  }
  const std::vector<Digest>& sparse() const { return sparse_; }

 private:
  Store* store_;
  absl::optional<BlobWriter> blob_;
  std::vector<Digest> sparse_;
};

// Reads one archive into a pack.
class Unpacker {
 public:
  explicit Unpacker(Store* store)
      : pack_(store->NewPack()),
        collector_(store, [this](const Digest& digest, int64_t offset,
                                 int64_t size) { pack_.AddFile(digest, offset, size); }),
        reader_(&collector_) {}

  // False: it is no archive.
  absl::StatusOr<bool> Run(const BlobRef& blob) {
    std::string in(std::min<size_t>(kPiece, static_cast<size_t>(blob.size)), '\0');
    out_.resize(kPiece);
    absl::Status status;
    for (int64_t done = 0; status.ok() && done < blob.size && !reader_.ended();) {
      const size_t piece = static_cast<size_t>(std::min<int64_t>(blob.size - done, kPiece));
      RETURN_IF_ERROR(PReadExactly(blob.fd->get(), in.data(), piece, blob.offset + done, "the archive"));
      done += static_cast<int64_t>(piece);
      status = Take(absl::string_view(in.data(), piece));
    }
    if (status.ok() && !reader_.ended()) status = TakeEnd();
    if (status.ok() && !reader_.ended()) status = reader_.Finish();
    // What does not even begin as a tar is a file like any other.
    if (collector_.archive().empty() && (status.ok() || absl::IsDataLoss(status))) return false;
    if (!status.ok()) return status;
    return true;
  }

  absl::StatusOr<Digest> Commit() { return pack_.Commit(); }
  const Archive& archive() { return collector_.archive(); }
  const std::vector<Digest>& sparse() const { return collector_.sparse(); }

 private:
  absl::Status Take(absl::string_view in) {
    while (!reader_.ended()) {
      ASSIGN_OR_RETURN(const size_t n, decompressor_.Read(&in, out_.data(), out_.size()));
      RETURN_IF_ERROR(Unpacked(n));
      if (n == 0 && in.empty()) break;
    }
    return absl::OkStatus();
  }
  absl::Status TakeEnd() {
    while (!reader_.ended()) {
      ASSIGN_OR_RETURN(const size_t n, decompressor_.ReadEnd(out_.data(), out_.size()));
      RETURN_IF_ERROR(Unpacked(n));
      if (n == 0) break;
    }
    return absl::OkStatus();
  }
  absl::Status Unpacked(size_t n) {
    const absl::string_view data(out_.data(), n);
    // First the reader, so that of a file that is no tar next to nothing is written.
    RETURN_IF_ERROR(reader_.Write(data));
    return pack_.Write(data);
  }

  PackWriter pack_;
  StoringCollector collector_;
  TarReader reader_;
  Decompressor decompressor_{Decompressor::Formats::kOfArchives};
  std::string out_;
};

// The answer of an earlier ReadArchive, if all of it is still in the store. True: `archive` is set (null:
// none).
bool FindArchive(const Store& store, const Digest& key, std::unique_ptr<Archive>* archive) {
  const absl::StatusOr<std::string> text = store.GetResult(key);
  if (!text.ok()) return false;
  const absl::StatusOr<Json> json = ParseJson(*text, "an archive's result");
  if (!json.ok()) return false;
  if (!JsonBool(*json, "archive")) return true;
  const absl::StatusOr<Digest> pack = Digest::Parse(JsonString(*json, "pack"));
  const absl::StatusOr<Digest> members = Digest::Parse(JsonString(*json, "members"));
  if (!pack.ok() || !members.ok() || !store.HasPack(*pack)) return false;
  for (const std::string& text_of_digest : JsonStrings(*json, "sparse")) {
    const absl::StatusOr<Digest> digest = Digest::Parse(text_of_digest);
    if (!digest.ok() || !store.HasBlob(*digest)) return false;
  }
  const absl::StatusOr<std::string> bytes = store.ReadBlob(*members);
  if (!bytes.ok()) return false;
  absl::StatusOr<Archive> decoded = DecodeArchive(*bytes);
  if (!decoded.ok()) return false;
  *archive = std::make_unique<Archive>(*std::move(decoded));
  return true;
}

}  // namespace

absl::Status ArchiveCollector::OnMember(const TarHeader& header, int64_t content_offset) {
  metadata_bytes_ += header.name.size() + header.link_name.size() + 300;
  for (const auto& [name, value] : header.xattrs) metadata_bytes_ += name.size() + value.size() + 64;
  if (metadata_bytes_ > kMaxMetadataBytes)
    return absl::ResourceExhaustedError("the archive has too many members");
  archive_.emplace_back();
  ArchiveMember& member = archive_.back();
  member.name = header.name;
  Entry& entry = member.entry;
  entry.type = EntryTypeOf(header.type);
  entry.mode = entry.is_symlink() ? 0777 : header.mode;
  entry.uid = header.uid;
  entry.gid = header.gid;
  const int64_t seconds = header.mtime.seconds;
  if (seconds >= 0 && seconds < kMaxSeconds) entry.mtime = header.mtime;
  entry.device_major = header.device_major;
  entry.device_minor = header.device_minor;
  for (const auto& xattr : header.xattrs) {
    if (!IsForeignXattr(xattr.first) && !absl::StrContains(xattr.first, '\0')) entry.xattrs.push_back(xattr);
  }
  if (header.type == TarType::kHardLink) {
    member.hard_link = true;
    member.link = header.link_name;
    entry.content = Sha256Of("");
  } else if (entry.is_symlink()) {
    entry.link_target = header.link_name;
  } else if (entry.is_file()) {
    entry.size = header.size;
    offset_ = content_offset;
    sparse_ = header.sparse;
    hash_ = Sha256();
  }
  ClearForeignFields(&entry);
  return absl::OkStatus();
}

absl::Status ArchiveCollector::OnContent(absl::string_view data) {
  hash_.Update(data);
  return absl::OkStatus();
}

absl::Status ArchiveCollector::OnMemberEnd() {
  ArchiveMember& member = archive_.back();
  if (!member.entry.is_file() || member.hard_link) return absl::OkStatus();
  member.entry.content = hash_.Finish();
  if (sparse_) return absl::OkStatus();
  on_file_(member.entry.content, offset_, static_cast<int64_t>(member.entry.size));
  return absl::OkStatus();
}

std::string EncodeArchive(const Archive& archive) {
  std::string out(kMagic);
  PutVarint(&out, archive.size());
  for (const ArchiveMember& member : archive) {
    PutBytes(&out, member.name);
    PutVarint(&out, member.hard_link);
    if (member.hard_link) PutBytes(&out, member.link);
    EncodeEntry(member.entry, /*with_time=*/true, &out);
  }
  return out;
}

absl::StatusOr<Archive> DecodeArchive(absl::string_view bytes) {
  const absl::Status malformed = absl::DataLossError("malformed list of an archive's members");
  if (!absl::StartsWith(bytes, kMagic)) return malformed;
  BinaryReader in(bytes.substr(kMagic.size()));
  const uint64_t count = in.Varint();
  if (count > in.rest().size()) return malformed;
  Archive archive(count);
  for (ArchiveMember& member : archive) {
    member.name = std::string(in.Bytes());
    member.hard_link = in.Varint() != 0;
    if (member.hard_link) member.link = std::string(in.Bytes());
    if (!DecodeEntry(&in, &member.entry)) return malformed;
  }
  if (!in.ok() || !in.done()) return malformed;
  return archive;
}

absl::StatusOr<std::unique_ptr<Archive>> ReadArchive(Store* store, const Digest& content) {
  std::string key_text = "archive";
  PutVarint(&key_text, kKeyVersion);
  PutBytes(&key_text, content.bytes());
  const Digest key = Sha256Of(key_text);
  std::unique_ptr<Archive> archive;
  if (FindArchive(*store, key, &archive)) return archive;

  ASSIGN_OR_RETURN(const BlobRef blob, store->OpenBlob(content));
  Unpacker unpacker(store);
  ASSIGN_OR_RETURN(const bool is_archive, unpacker.Run(blob));
  Json result = Json::object();
  result["archive"] = is_archive;
  if (is_archive) {
    archive = std::make_unique<Archive>(unpacker.archive());
    ASSIGN_OR_RETURN(const Digest pack, unpacker.Commit());
    ASSIGN_OR_RETURN(const Digest members, store->PutBlob(EncodeArchive(*archive)));
    result["pack"] = pack.ToString();
    result["members"] = members.ToString();
    for (const Digest& digest : unpacker.sparse()) result["sparse"].push_back(digest.ToString());
  }
  RETURN_IF_ERROR(store->PutResult(key, DumpJson(result)));
  return archive;
}

}  // namespace kasane
