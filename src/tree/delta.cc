#include "src/tree/delta.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/tree/delta_reader.h"

namespace kasane {
namespace {

absl::Status Bad(absl::string_view what, absl::string_view path) {
  return absl::InvalidArgumentError(absl::StrCat("delta: ", what, ": \"", absl::CHexEscape(path), "\""));
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

std::string EncodeEntries(const std::vector<DeltaEntry>& entries, bool with_time) {
  std::string out(kDeltaMagic);
  out.reserve(16 + entries.size() * 96);
  PutVarint(&out, entries.size());
  absl::string_view previous;
  for (const DeltaEntry& e : entries) {
    const size_t shared = CommonPrefix(previous, e.path);
    PutVarint(&out, shared);
    PutBytes(&out, absl::string_view(e.path).substr(shared));
    PutVarint(&out, (e.whiteout ? kDeltaWhiteout : 0) | (e.opaque ? kDeltaOpaque : 0) |
                        (e.implied ? kDeltaImplied : 0));
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
    absl::Status status = CheckDeltaEntry(e);
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
  absl::StatusOr<DeltaReader> reader = DeltaReader::Open(bytes);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<std::vector<DeltaEntry>> entries = reader->Next(SIZE_MAX);
  if (!entries.ok()) return entries.status();
  Delta delta;
  delta.entries_ = *std::move(entries);
  return delta;
}

std::string Delta::Encode() const { return EncodeEntries(entries_, true); }

Digest Delta::TimelessDigest() const { return Sha256Of(EncodeEntries(entries_, false)); }

}  // namespace kasane
