#include "src/oci/fragment_plan.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/oci/delta_builder.h"
#include "src/oci/fragment_cutter.h"
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

absl::StatusOr<TarHeader> HeaderOf(const DeltaEntry& entry, const std::string& link_name) {
  TarHeader header;
  if (entry.whiteout) {  // mode, owner and time are 0
    header.name = JoinPath(Dirname(entry.path), absl::StrCat(kWhiteoutPrefix, Basename(entry.path)));
    return header;
  }
  const Entry& e = entry.entry;
  header.name = absl::StrCat(entry.path, e.is_directory() ? "/" : "");
  header.mode = e.mode;
  header.uid = e.uid;
  header.gid = e.gid;
  header.mtime = e.mtime;
  header.xattrs = e.xattrs.get();
  if (!link_name.empty()) {
    header.type = TarType::kHardLink;
    header.link_name = link_name;
    return header;
  }
  ASSIGN_OR_RETURN(header.type, TarTypeOf(e.type));
  header.size = e.is_file() ? e.size : 0;
  header.link_name = e.link_target.get();
  header.device_major = e.device_major;
  header.device_minor = e.device_minor;
  return header;
}

// Of a key's text, format 2.
constexpr uint64_t kHeader = 1;
constexpr uint64_t kWhiteout = 2;

class Planner {
 public:
  explicit Planner(absl::string_view format) : format_(Sha256Of(absl::StrCat("key 2 ", format))) { Start(); }

  absl::Status Add(const DeltaEntry& entry) {
    const Entry& e = entry.entry;
    FragmentPart part;
    part.entry = &entry;
    part.header = true;
    if (!entry.whiteout && e.link_group != 0) {
      const auto [it, first] = links_.try_emplace(e.link_group, &entry);
      if (!first) part.linked = it->second;
    }
    ASSIGN_OR_RETURN(const TarHeader header,
                     HeaderOf(entry, part.linked == nullptr ? "" : part.linked->path));
    ASSIGN_OR_RETURN(header_size_, TarHeaderSize(header));
    const uint64_t content = !entry.whiteout && e.is_file() && part.linked == nullptr ? e.size : 0;
    if (CutBefore(entry.path, header_size_ + content + TarPadding(content), size_)) Cut();
    do {
      part.size = std::min(content - part.offset, kFilePiece);
      Append(part);
      if (part.size == kFilePiece) Cut();
      part.header = false;
      part.offset += part.size;
    } while (part.offset < content);
    return absl::OkStatus();
  }

  FragmentPlan Finish() {
    size_ += 2 * kTarBlock;
    Cut();
    plan_.fragments.back().last = true;
    return std::move(plan_);
  }

 private:
  void Start() {
    key_ = Sha256();
    key_.Update(format_.bytes());
    size_ = 0;
  }

  void Append(const FragmentPart& part) {
    // Instead of the header what it is made of: a fifth of the bytes.
    text_.clear();
    PutVarint(&text_, (part.header ? kHeader : 0) | (part.entry->whiteout ? kWhiteout : 0));
    if (part.header) {
      PutBytes(&text_, part.entry->path);
      PutBytes(&text_, part.linked == nullptr ? "" : part.linked->path);
      if (!part.entry->whiteout) EncodeEntry(part.entry->entry, /*with_time=*/true, &text_);
    }
    PutVarint(&text_, part.size);
    if (part.size > 0) {
      PutVarint(&text_, part.offset);
      absl::StrAppend(&text_, part.entry->entry.content.bytes());
    }
    key_.Update(text_);
    size_ += (part.header ? header_size_ : 0) + part.size + TarPadding(part.size);
    plan_.parts.push_back(part);
  }

  void Cut() {
    if (size_ == 0) return;
    Fragment fragment;
    fragment.begin = plan_.fragments.empty() ? 0 : plan_.fragments.back().end;
    fragment.end = plan_.parts.size();
    fragment.size = size_;
    key_.Update(absl::StrCat(size_));
    fragment.key = key_.Finish();
    fragment.is_piece = fragment.end == fragment.begin + 1 && size_ == kFilePiece &&
                        plan_.parts[fragment.begin].size == kFilePiece;
    plan_.fragments.push_back(fragment);
    Start();
  }

  const Digest format_;
  FragmentPlan plan_;
  Sha256 key_;
  uint64_t size_ = 0;
  size_t header_size_ = 0;  // of the entry that is being added
  std::string text_;
  absl::flat_hash_map<uint64_t, const DeltaEntry*> links_;  // link group -> its first member
};

}  // namespace

absl::Status AppendEntryHeader(const DeltaEntry& entry, const std::string& link_name, std::string* out) {
  ASSIGN_OR_RETURN(const TarHeader header, HeaderOf(entry, link_name));
  return AppendTarHeader(header, out);
}

absl::StatusOr<FragmentPlan> PlanFragments(const std::vector<const DeltaEntry*>& order,
                                           absl::string_view format) {
  Planner planner(format);
  for (const DeltaEntry* entry : order) RETURN_IF_ERROR(planner.Add(*entry));
  return planner.Finish();
}

}  // namespace kasane
