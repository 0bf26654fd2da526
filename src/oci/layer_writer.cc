#include "src/oci/layer_writer.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/oci/delta_builder.h"
#include "src/oci/fragment_cutter.h"
#include "src/oci/layer_delta.h"
#include "src/oci/parallel_compressor.h"
#include "src/oci/tar_writer.h"

namespace kasane {
namespace {

absl::StatusOr<TarType> TarTypeOf(EntryType type) {
  switch (type) {
    case EntryType::kFile:
      return TarType::kFile;
    case EntryType::kDirectory:
      return TarType::kDirectory;
    case EntryType::kSymlink:
      return TarType::kSymlink;
    case EntryType::kFifo:
      return TarType::kFifo;
    case EntryType::kCharDevice:
      return TarType::kCharDevice;
    case EntryType::kBlockDevice:
      return TarType::kBlockDevice;
    case EntryType::kSocket:
      break;
  }
  return absl::InvalidArgumentError("a layer cannot hold a socket");
}

class LayerWriter {
 public:
  LayerWriter(Store* store, const LayerOptions& options)
      : store_(store),
        blob_(store->NewBlob()),
        compressor_(options.compression, options.level, Jobs(options),
                    [this](absl::string_view compressed) { return blob_.Write(compressed); }) {}

  absl::Status Add(const DeltaEntry& entry);
  absl::StatusOr<LayerInfo> Finish();

 private:
  static int Jobs(const LayerOptions& options) {
    return options.jobs > 0 ? options.jobs
                            : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  }
  absl::Status AddContent(const Entry& entry, const std::string& path);
  absl::Status Cut();

  Store* store_;
  Sha256 diff_id_;
  BlobWriter blob_;
  ParallelCompressor compressor_;                     // after blob_, which its sink writes to
  std::string fragment_;                              // the tail of the tar that is not handed on yet
  absl::flat_hash_map<uint64_t, std::string> links_;  // link group -> name of its first member
};

absl::Status LayerWriter::Cut() {
  if (fragment_.empty()) return absl::OkStatus();
  diff_id_.Update(fragment_);
  return compressor_.Add(std::exchange(fragment_, std::string()));
}

absl::Status LayerWriter::Add(const DeltaEntry& entry) {
  const Entry& e = entry.entry;
  std::string link_name;
  if (!entry.whiteout && e.link_group != 0) {
    auto [it, first] = links_.try_emplace(e.link_group, entry.path);
    if (!first) link_name = it->second;
  }
  bool has_content = !entry.whiteout && e.is_file() && link_name.empty();
  std::string header;
  RETURN_IF_ERROR(AppendEntryHeader(entry, link_name, &header));
  uint64_t content = has_content ? e.size + TarPadding(e.size) : 0;
  if (CutBefore(entry.path, header.size() + content, fragment_.size())) RETURN_IF_ERROR(Cut());
  fragment_ += header;
  return has_content && e.size > 0 ? AddContent(e, entry.path) : absl::OkStatus();
}

absl::Status LayerWriter::AddContent(const Entry& entry, const std::string& path) {
  const std::string name = absl::StrCat("/", absl::CHexEscape(path));
  absl::StatusOr<BlobRef> ref = store_->OpenBlob(entry.content);
  if (!ref.ok()) return Annotate(ref.status(), absl::StrCat("content of ", name));
  bool right = static_cast<uint64_t>(ref->size) == entry.size;
  Sha256 hash;
  for (uint64_t done = 0; right && done < entry.size;) {
    size_t n = static_cast<size_t>(std::min(kFilePiece, entry.size - done));
    size_t at = fragment_.size();
    fragment_.resize(at + n);
    RETURN_IF_ERROR(
        PReadExactly(ref->fd->get(), &fragment_[at], n, ref->offset + static_cast<int64_t>(done), name));
    hash.Update(&fragment_[at], n);
    done += n;
    if (n == kFilePiece) RETURN_IF_ERROR(Cut());
  }
  if (!right || hash.Finish() != entry.content) {
    store_->ReadBlob(entry.content).IgnoreError();  // removes it, so that a next build makes it again
    return absl::DataLossError(absl::StrCat("the stored content of ", name, " is damaged (",
                                            entry.content.ToString(), "); it was removed, build again"));
  }
  AppendTarPadding(entry.size, &fragment_);
  return absl::OkStatus();
}

absl::StatusOr<LayerInfo> LayerWriter::Finish() {
  AppendTarEnd(&fragment_);
  RETURN_IF_ERROR(Cut());
  RETURN_IF_ERROR(compressor_.Finish());
  LayerInfo info;
  info.diff_id = diff_id_.Finish();
  info.size = blob_.size();
  ASSIGN_OR_RETURN(info.blob, blob_.Commit());
  return info;
}

}  // namespace

absl::Status AppendEntryHeader(const DeltaEntry& entry, const std::string& link_name, std::string* out) {
  TarHeader header;
  if (entry.whiteout) {  // mode, owner and time are 0
    header.name = JoinPath(Dirname(entry.path), absl::StrCat(kWhiteoutPrefix, Basename(entry.path)));
    return AppendTarHeader(header, out);
  }
  const Entry& e = entry.entry;
  header.name = absl::StrCat(entry.path, e.is_directory() ? "/" : "");
  header.mode = e.mode;
  header.uid = e.uid;
  header.gid = e.gid;
  header.mtime = e.mtime;
  header.xattrs = e.xattrs;
  if (!link_name.empty()) {
    header.type = TarType::kHardLink;
    header.link_name = link_name;
    return AppendTarHeader(header, out);
  }
  ASSIGN_OR_RETURN(header.type, TarTypeOf(e.type));
  header.size = e.is_file() ? e.size : 0;
  header.link_name = e.link_target;
  header.device_major = e.device_major;
  header.device_minor = e.device_minor;
  return AppendTarHeader(header, out);
}

absl::StatusOr<LayerInfo> WriteLayer(Store* store, const Delta& resolved, const LayerOptions& options) {
  LayerWriter writer(store, options);
  for (const DeltaEntry* entry : TarOrder(resolved)) RETURN_IF_ERROR(writer.Add(*entry));
  ASSIGN_OR_RETURN(LayerInfo info, writer.Finish());
  info.media_type = LayerMediaType(options.compression);
  return info;
}

std::string LayerFormatId(const LayerOptions& options) {
  return absl::StrCat("layer 1 cut ", kFragmentRule, " ", CodecId(options.compression, options.level));
}

}  // namespace kasane
