#include "src/tree/delta.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/base/binary.h"

namespace kasane {
namespace {

constexpr absl::string_view kMagic("KSND\x01", 5);
constexpr uint64_t kWhiteout = 1;
constexpr uint64_t kOpaque = 2;
constexpr uint64_t kImplied = 4;
// PATH_MAX: no program can name more, and it bounds the depth of every tree (recursion is safe).
constexpr size_t kMaxPath = 4095;

absl::Status Bad(absl::string_view what, absl::string_view path) {
  return absl::InvalidArgumentError(absl::StrCat("delta: ", what, ": \"", absl::CHexEscape(path), "\""));
}

bool IsSafePath(absl::string_view path) {
  if (path.empty()) return true;
  if (path.size() > kMaxPath) return false;
  size_t start = 0;
  for (size_t i = 0; i <= path.size(); ++i) {
    if (i < path.size() && path[i] != '/') {
      if (path[i] == '\0') return false;
      continue;
    }
    size_t size = i - start;
    if (size == 0 || (size <= 2 && path.substr(start, size) == absl::string_view("..", size))) return false;
    start = i + 1;
  }
  return true;
}

// The length of what both begin with, eight bytes at a time.
size_t CommonPrefix(absl::string_view a, absl::string_view b) {
  const size_t limit = std::min(a.size(), b.size());
  size_t same = 0;
  for (; same + sizeof(uint64_t) <= limit; same += sizeof(uint64_t)) {
    uint64_t x, y;
    std::memcpy(&x, a.data() + same, sizeof(x));
    std::memcpy(&y, b.data() + same, sizeof(y));
    if (x != y) break;
  }
  while (same < limit && a[same] == b[same]) ++same;
  return same;
}

absl::Status Validate(const DeltaEntry& e) {
  if (!IsSafePath(e.path)) return Bad("unsafe path", e.path);
  if (e.path.empty() && (e.whiteout || !e.entry.is_directory())) {
    return absl::InvalidArgumentError("delta: the root must be a directory");
  }
  if (e.whiteout && (e.opaque || e.implied)) return Bad("flags that exclude each other", e.path);
  if ((e.opaque || e.implied) && !e.entry.is_directory()) return Bad("a flag for directories only", e.path);
  if (!e.whiteout && !IsCanonical(e.entry)) return Bad("bad metadata", e.path);
  return absl::OkStatus();
}

std::string EncodeEntries(const std::vector<DeltaEntry>& entries, bool with_time) {
  std::string out(kMagic);
  out.reserve(16 + entries.size() * 96);
  PutVarint(&out, entries.size());
  absl::string_view previous;
  for (const DeltaEntry& e : entries) {
    const size_t shared = CommonPrefix(previous, e.path);
    PutVarint(&out, shared);
    PutBytes(&out, absl::string_view(e.path).substr(shared));
    PutVarint(&out, (e.whiteout ? kWhiteout : 0) | (e.opaque ? kOpaque : 0) | (e.implied ? kImplied : 0));
    if (!e.whiteout) EncodeEntry(e.entry, with_time, &out);
    previous = e.path;
  }
  return out;
}

}  // namespace

bool PathLess(absl::string_view a, absl::string_view b) {
  const size_t same = CommonPrefix(a, b);
  if (same == b.size()) return false;
  if (same == a.size()) return true;
  if (a[same] == '/' || b[same] == '/') return a[same] == '/';
  return static_cast<unsigned char>(a[same]) < static_cast<unsigned char>(b[same]);
}

absl::StatusOr<Delta> Delta::FromEntries(std::vector<DeltaEntry> entries) {
  for (DeltaEntry& e : entries) {
    if (e.whiteout) {
      e.entry = Entry();
    } else {
      ClearForeignFields(&e.entry);
      if (!std::is_sorted(e.entry.xattrs.begin(), e.entry.xattrs.end())) {
        std::sort(e.entry.xattrs.begin(), e.entry.xattrs.end());
      }
    }
    absl::Status status = Validate(e);
    if (!status.ok()) return status;
  }
  auto less = [](const DeltaEntry& a, const DeltaEntry& b) { return PathLess(a.path, b.path); };
  if (!std::is_sorted(entries.begin(), entries.end(), less)) std::sort(entries.begin(), entries.end(), less);
  for (size_t i = 1; i < entries.size(); ++i) {
    if (entries[i - 1].path == entries[i].path) return Bad("path given twice", entries[i].path);
  }
  Delta delta;
  delta.entries_ = std::move(entries);
  return delta;
}

absl::StatusOr<Delta> Delta::Decode(absl::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    return absl::InvalidArgumentError("delta: unknown format or version");
  }
  const absl::Status malformed = absl::InvalidArgumentError("delta: malformed");
  BinaryReader in(bytes.substr(kMagic.size()));
  uint64_t count = in.Varint();
  if (count > in.rest().size() / 3) return malformed;  // an entry takes 3 bytes or more
  Delta delta;
  delta.entries_.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    absl::string_view previous = i == 0 ? absl::string_view() : absl::string_view(delta.entries_.back().path);
    uint64_t shared = in.Varint();
    absl::string_view rest = in.Bytes();
    uint64_t flags = in.Varint();
    if (!in.ok() || shared > previous.size() || flags > 7) return malformed;
    DeltaEntry e;
    e.path.reserve(shared + rest.size());
    e.path.append(previous.data(), shared);
    e.path.append(rest.data(), rest.size());
    e.whiteout = (flags & kWhiteout) != 0;
    e.opaque = (flags & kOpaque) != 0;
    e.implied = (flags & kImplied) != 0;
    if (!e.whiteout && !DecodeEntry(&in, &e.entry)) return malformed;
    absl::Status status = Validate(e);
    if (!status.ok()) return status;
    if (i > 0 && !PathLess(previous, e.path)) return Bad("not in order", e.path);
    delta.entries_.push_back(std::move(e));
  }
  if (!in.ok() || !in.done()) return malformed;
  return delta;
}

std::string Delta::Encode() const { return EncodeEntries(entries_, true); }

Digest Delta::TimelessDigest() const { return Sha256Of(EncodeEntries(entries_, false)); }

}  // namespace kasane
