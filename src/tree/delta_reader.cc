#include "src/tree/delta_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

// PATH_MAX: no program can name more, and it bounds the depth of every tree (recursion is safe).
constexpr size_t kMaxPath = 4095;

absl::Status Bad(absl::string_view what, absl::string_view path) {
  return absl::InvalidArgumentError(absl::StrCat("delta: ", what, ": \"", absl::CHexEscape(path), "\""));
}

absl::Status Malformed() { return absl::InvalidArgumentError("delta: malformed"); }

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

absl::string_view DirectoryOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? absl::string_view() : path.substr(0, slash);
}

// Whether `next` lies in another directory than `path`, and not in `path` itself.
bool CanPart(absl::string_view path, absl::string_view next) {
  const absl::string_view directory = DirectoryOf(next);
  return directory != DirectoryOf(path) && directory != path;
}

}  // namespace

absl::Status CheckDeltaEntry(const DeltaEntry& e) {
  if (!IsSafePath(e.path)) return Bad("unsafe path", e.path);
  if (e.path.empty() && (e.whiteout || !e.entry.is_directory())) {
    return absl::InvalidArgumentError("delta: the root must be a directory");
  }
  if (e.whiteout && (e.opaque || e.implied)) return Bad("flags that exclude each other", e.path);
  if ((e.opaque || e.implied) && !e.entry.is_directory()) return Bad("a flag for directories only", e.path);
  if (!e.whiteout && !IsCanonical(e.entry)) return Bad("bad metadata", e.path);
  return absl::OkStatus();
}

absl::StatusOr<DeltaReader> DeltaReader::Open(absl::string_view bytes) {
  if (bytes.substr(0, kDeltaMagic.size()) != kDeltaMagic) {
    return absl::InvalidArgumentError("delta: unknown format or version");
  }
  DeltaReader reader(bytes.substr(kDeltaMagic.size()));
  reader.left_ = reader.in_.Varint();
  // An entry takes 3 bytes or more.
  if (!reader.in_.ok() || reader.left_ > reader.in_.rest().size() / 3) return Malformed();
  if (reader.left_ == 0 && !reader.in_.done()) return Malformed();
  return reader;
}

absl::Status DeltaReader::Read(DeltaEntry* e) {
  const uint64_t shared = in_.Varint();
  const absl::string_view rest = in_.Bytes();
  const uint64_t flags = in_.Varint();
  if (!in_.ok() || shared > previous_.size() || flags > 7) return Malformed();
  e->path.reserve(shared + rest.size());
  e->path.append(previous_.data(), shared);
  e->path.append(rest.data(), rest.size());
  e->whiteout = (flags & kDeltaWhiteout) != 0;
  e->opaque = (flags & kDeltaOpaque) != 0;
  e->implied = (flags & kDeltaImplied) != 0;
  if (!e->whiteout && !DecodeEntry(&in_, &e->entry)) return Malformed();
  absl::Status status = CheckDeltaEntry(*e);
  if (!status.ok()) return status;
  if (!is_first_ && !PathLess(previous_, e->path)) return Bad("not in order", e->path);
  is_first_ = false;
  previous_ = e->path;
  --left_;
  if (left_ == 0 && (!in_.ok() || !in_.done())) return Malformed();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<DeltaEntry>> DeltaReader::Next(size_t least) {
  std::vector<DeltaEntry> out = std::exchange(ahead_, {});
  out.reserve(std::min<uint64_t>(least, left_ + out.size()));
  while (left_ > 0) {
    DeltaEntry entry;
    absl::Status status = Read(&entry);
    if (!status.ok()) return status;
    if (out.size() >= least && CanPart(out.back().path, entry.path)) {
      ahead_.push_back(std::move(entry));
      break;
    }
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace kasane
