#include "src/tree/entry.h"

#include "absl/strings/match.h"

namespace kasane {
namespace {

constexpr uint64_t kMax32 = 0xffffffff;

bool EqualMetadata(const Entry& a, const Entry& b) {
  return a.type == b.type && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && a.size == b.size &&
         a.content == b.content && a.link_target == b.link_target && a.device_major == b.device_major &&
         a.device_minor == b.device_minor && a.link_group == b.link_group && a.xattrs == b.xattrs;
}

bool IsDevice(EntryType type) { return type == EntryType::kCharDevice || type == EntryType::kBlockDevice; }

uint32_t Varint32(BinaryReader* in, bool* valid) {
  uint64_t value = in->Varint();
  if (value > kMax32) *valid = false;
  return static_cast<uint32_t>(value);
}

}  // namespace

bool operator==(const Entry& a, const Entry& b) { return a.mtime == b.mtime && EqualMetadata(a, b); }

bool EqualButTime(const Entry& a, const Entry& b) { return EqualMetadata(a, b); }

void EncodeEntry(const Entry& entry, bool with_time, std::string* out) {
  out->push_back(static_cast<char>(entry.type));
  PutVarint(out, entry.mode);
  PutVarint(out, entry.uid);
  PutVarint(out, entry.gid);
  if (with_time) {
    PutSigned(out, entry.mtime.seconds);
    PutVarint(out, entry.mtime.nanoseconds);
  }
  if (entry.is_file()) {
    PutVarint(out, entry.size);
    out->append(entry.content.bytes().data(), entry.content.bytes().size());
  }
  if (entry.is_symlink()) PutBytes(out, entry.link_target);
  if (IsDevice(entry.type)) {
    PutVarint(out, entry.device_major);
    PutVarint(out, entry.device_minor);
  }
  if (!entry.is_directory()) PutVarint(out, entry.link_group);
  PutVarint(out, entry.xattrs.size());
  for (const auto& [name, value] : entry.xattrs) {
    PutBytes(out, name);
    PutBytes(out, value);
  }
}

bool DecodeEntry(BinaryReader* in, Entry* entry) {
  *entry = Entry();
  bool valid = true;
  absl::string_view type = in->Raw(1);
  if (type.empty() || type[0] < 1 || type[0] > static_cast<char>(EntryType::kSocket)) return false;
  entry->type = static_cast<EntryType>(type[0]);
  entry->mode = Varint32(in, &valid);
  entry->uid = Varint32(in, &valid);
  entry->gid = Varint32(in, &valid);
  entry->mtime.seconds = in->Signed();
  entry->mtime.nanoseconds = Varint32(in, &valid);
  if (entry->is_file()) {
    entry->size = in->Varint();
    entry->content = Digest::FromBytes(in->Raw(32));
  }
  if (entry->is_symlink()) entry->link_target = std::string(in->Bytes());
  if (IsDevice(entry->type)) {
    entry->device_major = Varint32(in, &valid);
    entry->device_minor = Varint32(in, &valid);
  }
  if (!entry->is_directory()) entry->link_group = in->Varint();
  uint64_t count = in->Varint();
  for (uint64_t i = 0; i < count && in->ok(); ++i) {
    std::string name(in->Bytes());
    std::string value(in->Bytes());
    entry->xattrs.emplace_back(std::move(name), std::move(value));
  }
  return in->ok() && valid && IsCanonical(*entry);
}

bool IsCanonical(const Entry& entry) {
  if (entry.mode > 07777 || entry.mtime.nanoseconds >= 1000000000) return false;
  if (entry.size > static_cast<uint64_t>(INT64_MAX)) return false;
  if (absl::StrContains(entry.link_target, '\0')) return false;
  const std::string* previous = nullptr;
  for (const auto& [name, value] : entry.xattrs) {
    if (name.empty() || absl::StrContains(name, '\0')) return false;
    if (previous != nullptr && *previous >= name) return false;
    previous = &name;
  }
  return true;
}

void ClearForeignFields(Entry* entry) {
  if (!entry->is_file()) {
    entry->size = 0;
    entry->content = Digest();
  }
  if (!entry->is_symlink()) entry->link_target.clear();
  if (!IsDevice(entry->type)) entry->device_major = entry->device_minor = 0;
  if (entry->is_directory()) entry->link_group = 0;
}

uint64_t LinkGroupId(const std::vector<std::string>& sorted_paths) {
  std::string bytes;
  for (const std::string& path : sorted_paths) PutBytes(&bytes, path);
  Digest digest = Sha256Of(bytes);
  uint64_t id = BinaryReader(digest.bytes()).Fixed64();
  return id == 0 ? 1 : id;
}

}  // namespace kasane
