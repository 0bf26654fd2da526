#include "src/oci/tar_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "src/base/status.h"

namespace kasane {
namespace {

// As Go's reader: no honest header needs more.
constexpr uint64_t kMaxMetadata = 1 << 20;

absl::string_view FieldOf(const char* block, TarField field) { return {block + field.offset, field.size}; }

// Up to the first NUL.
std::string TextOf(const char* block, TarField field) {
  absl::string_view raw = FieldOf(block, field);
  return std::string(raw.substr(0, raw.find('\0')));
}

// Octal digits, blanks or NULs around them; or, with the top bit set, a big-endian two's complement number.
absl::optional<int64_t> NumberOf(const char* block, TarField field) {
  absl::string_view raw = FieldOf(block, field);
  unsigned char first = static_cast<unsigned char>(raw[0]);
  if (first & 0x80) {
    const unsigned char invert = (first & 0x40) != 0 ? 0xff : 0;
    uint64_t value = 0;
    for (size_t i = 0; i < raw.size(); ++i) {
      if ((value >> 56) != 0) return absl::nullopt;
      unsigned char byte = static_cast<unsigned char>(raw[i]) ^ invert;
      value = (value << 8) | (i == 0 ? byte & 0x7f : byte);
    }
    if ((value >> 63) != 0) return absl::nullopt;
    return invert != 0 ? ~static_cast<int64_t>(value) : static_cast<int64_t>(value);
  }
  size_t begin = raw.find_first_not_of(absl::string_view(" \0", 2));
  if (begin == absl::string_view::npos) return 0;
  int64_t value = 0;
  size_t i = begin;
  for (; i < raw.size() && raw[i] >= '0' && raw[i] <= '7'; ++i) value = value * 8 + (raw[i] - '0');
  if (i == begin || (i < raw.size() && raw[i] != ' ' && raw[i] != '\0')) return absl::nullopt;
  return value;
}

bool IsZero(const char* block) {
  return std::all_of(block, block + kTarBlock, [](char c) { return c == 0; });
}

bool HasContent(char type) { return type == '0' || type == '\0' || type == '7'; }

bool Lookup(const PaxRecords& records, const char* key, std::string* value) {
  auto it = records.find(key);
  if (it == records.end() || it->second.empty()) return false;
  *value = it->second;
  return true;
}

}  // namespace

absl::Status TarReader::Fail(absl::string_view what) const {
  return absl::DataLossError(absl::StrCat("bad tar: ", what, " (header at byte ", header_at_, ")"));
}

void TarReader::SkipPadding() {
  left_ = TarPadding(static_cast<uint64_t>(position_));
  state_ = left_ > 0 ? State::kPadding : State::kHeader;
}

absl::Status TarReader::Write(absl::string_view data) {
  while (!data.empty()) {
    size_t taken = 0;
    switch (state_) {
      case State::kEnded:  // whatever follows the end of an archive is not part of it
        taken = data.size();
        position_ += static_cast<int64_t>(taken);
        break;
      case State::kPadding:
        taken = static_cast<size_t>(std::min<uint64_t>(left_, data.size()));
        position_ += static_cast<int64_t>(taken);
        left_ -= taken;
        if (left_ == 0) state_ = State::kHeader;
        break;
      case State::kContent:
        taken = static_cast<size_t>(std::min<uint64_t>(left_, data.size()));
        position_ += static_cast<int64_t>(taken);
        left_ -= taken;
        RETURN_IF_ERROR(OnContent(data.substr(0, taken)));
        if (left_ == 0) {
          RETURN_IF_ERROR(EndMember());
          SkipPadding();
        }
        break;
      case State::kMetadata:
        taken = static_cast<size_t>(std::min<uint64_t>(left_, data.size()));
        position_ += static_cast<int64_t>(taken);
        left_ -= taken;
        pending_.append(data.data(), taken);
        if (left_ == 0) RETURN_IF_ERROR(OnMetadata());
        break;
      case State::kHeader:
        if (pending_.empty() && data.size() >= kTarBlock) {
          taken = kTarBlock;
          position_ += static_cast<int64_t>(taken);
          RETURN_IF_ERROR(OnHeaderBlock(data.data()));
        } else {
          taken = std::min(kTarBlock - pending_.size(), data.size());
          position_ += static_cast<int64_t>(taken);
          pending_.append(data.data(), taken);
          if (pending_.size() == kTarBlock) {
            std::string block = std::move(pending_);
            pending_.clear();
            RETURN_IF_ERROR(OnHeaderBlock(block.data()));
          }
        }
        break;
    }
    data.remove_prefix(taken);
  }
  return absl::OkStatus();
}

absl::Status TarReader::OnContent(absl::string_view data) {
  if (!sparse_.has_value()) return handler_->OnContent(data);
  const absl::Status status =
      sparse_->Write(data, [this](absl::string_view some) { return handler_->OnContent(some); });
  return absl::IsDataLoss(status) ? Fail(status.message()) : status;
}

absl::Status TarReader::EndMember() {
  if (sparse_.has_value()) {
    const absl::Status status =
        sparse_->Finish([this](absl::string_view some) { return handler_->OnContent(some); });
    if (absl::IsDataLoss(status)) return Fail(status.message());
    RETURN_IF_ERROR(status);
    sparse_.reset();
  }
  return handler_->OnMemberEnd();
}

absl::Status TarReader::SkipContent(uint64_t size) {
  position_ += static_cast<int64_t>(size);
  left_ -= size;
  if (left_ > 0) return absl::OkStatus();
  RETURN_IF_ERROR(handler_->OnMemberEnd());
  SkipPadding();
  return absl::OkStatus();
}

absl::Status TarReader::Finish() const {
  if (state_ == State::kEnded) return absl::OkStatus();
  if (state_ != State::kHeader || !pending_.empty()) return Fail("it ends in the middle of a member");
  if (prefixed_) return Fail("it ends after an extended header");
  return absl::OkStatus();
}

absl::Status TarReader::OnHeaderBlock(const char* block) {
  header_at_ = position_ - static_cast<int64_t>(kTarBlock);
  if (IsZero(block)) {
    if (prefixed_) return Fail("it ends after an extended header");
    if (zero_block_) state_ = State::kEnded;
    zero_block_ = true;
    return absl::OkStatus();
  }
  if (zero_block_) return Fail("a lone zero block");
  absl::optional<int64_t> checksum = NumberOf(block, kTarChecksum);
  if (!checksum || (*checksum != TarChecksum(block, false) && *checksum != TarChecksum(block, true))) {
    return Fail("wrong checksum");
  }
  char type = block[kTarTypeFlag.offset];
  if (type != 'x' && type != 'g' && type != 'L' && type != 'K') return StartMember(block);

  absl::optional<int64_t> size = NumberOf(block, kTarSize);
  if (!size || *size < 0) return Fail("malformed size");
  if (static_cast<uint64_t>(*size) > kMaxMetadata) return Fail("an extended header of more than 1 MiB");
  if (type != 'g') prefixed_ = true;
  metadata_type_ = type;
  left_ = static_cast<uint64_t>(*size);
  state_ = State::kMetadata;
  return left_ == 0 ? OnMetadata() : absl::OkStatus();
}

absl::Status TarReader::OnMetadata() {
  std::string data = std::move(pending_);
  pending_.clear();
  SkipPadding();
  if (metadata_type_ == 'x') {
    absl::StatusOr<PaxRecords> records = ParsePax(data);
    if (!records.ok()) return Fail(records.status().message());
    for (auto& [key, value] : *records) pax_[key] = std::move(value);
  } else if (metadata_type_ == 'L' || metadata_type_ == 'K') {
    bool name = metadata_type_ == 'L';
    (name ? long_name_ : long_link_) = data.substr(0, data.find('\0'));
    (name ? has_long_name_ : has_long_link_) = true;
  }  // 'g', a global header: Docker and containerd ignore them
  return absl::OkStatus();
}

absl::Status TarReader::StartMember(const char* block) {
  absl::string_view magic = FieldOf(block, kTarMagic);
  bool ustar = absl::StartsWith(magic, absl::string_view("ustar\0", 6));
  bool extended = ustar || absl::StartsWith(magic, "ustar  ");  // with a blank: GNU, which has no prefix

  TarHeader header;
  header.name = TextOf(block, kTarName);
  header.link_name = TextOf(block, kTarLinkName);
  if (ustar) {
    bool star = absl::string_view(block + 508, 4) == absl::string_view("tar\0", 4);
    std::string prefix = TextOf(block, star ? TarField{kTarPrefix.offset, 131} : kTarPrefix);
    if (!prefix.empty()) header.name = absl::StrCat(prefix, "/", header.name);
  }
  if (has_long_name_) header.name = std::move(long_name_);
  if (has_long_link_) header.link_name = std::move(long_link_);

  absl::optional<int64_t> mode = NumberOf(block, kTarMode), uid = NumberOf(block, kTarUid),
                          gid = NumberOf(block, kTarGid), size = NumberOf(block, kTarSize),
                          mtime = NumberOf(block, kTarMtime), major = 0, minor = 0;
  if (extended) {
    major = NumberOf(block, kTarDeviceMajor);
    minor = NumberOf(block, kTarDeviceMinor);
  }
  if (!mode || !uid || !gid || !size || !mtime || !major || !minor) return Fail("malformed number");
  header.mtime.seconds = *mtime;

  std::string value;
  if (Lookup(pax_, "path", &value)) header.name = value;
  if (Lookup(pax_, "linkpath", &value)) header.link_name = value;
  const std::pair<const char*, absl::optional<int64_t>*> numbers[] = {
      {"uid", &uid}, {"gid", &gid}, {"size", &size}};
  for (const auto& [key, number] : numbers) {
    int64_t parsed;
    if (!Lookup(pax_, key, &value)) continue;
    if (!absl::SimpleAtoi(value, &parsed)) return Fail(absl::StrCat("malformed ", key));
    *number = parsed;
  }
  if (Lookup(pax_, "mtime", &value)) {
    absl::StatusOr<Timestamp> time = ParsePaxTime(value);
    if (!time.ok()) return Fail(time.status().message());
    header.mtime = *time;
  }
  const int64_t stored = size.value_or(0);
  if (stored < 0 || stored > (int64_t{1} << 60)) return Fail("malformed size");
  absl::StatusOr<absl::optional<SparseContent>> sparse = SparseContent::Read(pax_, &header.name, &*size);
  if (!sparse.ok()) return Fail(sparse.status().message());
  sparse_ = *std::move(sparse);
  header.sparse = sparse_.has_value();
  for (auto& [key, attribute] : pax_) {
    if (absl::StartsWith(key, kXattrPrefix))
      header.xattrs.emplace_back(key.substr(kXattrPrefix.size()), attribute);
  }
  pax_.clear();
  has_long_name_ = has_long_link_ = prefixed_ = false;

  constexpr int64_t kMaxId = std::numeric_limits<uint32_t>::max();
  if (*uid < 0 || *uid > kMaxId || *gid < 0 || *gid > kMaxId) return Fail("an owner beyond 32 bits");
  if (*major < 0 || *major > kMaxId || *minor < 0 || *minor > kMaxId) return Fail("a device beyond 32 bits");
  if (*size < 0 || *size > (int64_t{1} << 60)) return Fail("malformed size");
  if (header.name.empty()) return Fail("a member without a name");
  if (absl::StrContains(header.name, '\0') || absl::StrContains(header.link_name, '\0')) {
    return Fail("NUL in a name");
  }
  header.mode = static_cast<uint32_t>(*mode & 07777);
  header.uid = static_cast<uint32_t>(*uid);
  header.gid = static_cast<uint32_t>(*gid);

  char type = block[kTarTypeFlag.offset];
  if (type == 'S') return absl::UnimplementedError("bad tar: sparse files are not supported");
  if (type == '\0') type = header.name.back() == '/' ? '5' : '0';  // V7
  if (type == '7') type = '0';                                     // "contiguous": a file
  if (type < '0' || type > '6') {
    return absl::UnimplementedError(absl::StrCat("bad tar: ", absl::CHexEscape(header.name),
                                                 " is of unknown type '",
                                                 absl::CHexEscape(absl::string_view(&type, 1)), "'"));
  }
  header.type = static_cast<TarType>(type);
  if (header.type == TarType::kCharDevice || header.type == TarType::kBlockDevice) {
    header.device_major = static_cast<uint32_t>(*major);
    header.device_minor = static_cast<uint32_t>(*minor);
  }
  // Only files have content, whatever the size field of the others says (old archives give a hard link its
  // size).
  header.size = HasContent(type) ? static_cast<uint64_t>(*size) : 0;
  if (header.sparse && !HasContent(type)) return Fail("a sparse file that is no file");
  RETURN_IF_ERROR(handler_->OnMember(header, position_));
  left_ = header.sparse ? static_cast<uint64_t>(stored) : header.size;
  if (left_ > 0) {
    state_ = State::kContent;
    return absl::OkStatus();
  }
  state_ = State::kHeader;
  return EndMember();
}

}  // namespace kasane
