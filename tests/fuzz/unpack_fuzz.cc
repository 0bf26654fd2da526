// An archive that ADD unpacks, from a stranger: compressed or not, read as a tar, placed into a tree with
// links in it. Whatever the bytes, nothing but the destination changes, the delta is sound, and the list of
// members comes back from its encoding.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "src/oci/compression.h"
#include "src/steps/copy_archive.h"
#include "src/steps/copy_place.h"
#include "src/steps/copy_unpack.h"

namespace {

using kasane::Archive;
using kasane::ArchiveCollector;
using kasane::CopyPlacement;
using kasane::CopyTarget;
using kasane::Decompressor;
using kasane::Delta;
using kasane::DeltaEntry;
using kasane::EntryType;
using kasane::TarReader;
using kasane::Tree;

DeltaEntry Make(const char* path, EntryType type, const char* link = "") {
  DeltaEntry entry;
  entry.path = path;
  entry.entry.type = type;
  entry.entry.mode = 0755;
  entry.entry.link_target = link;
  if (type == EntryType::kFile) entry.entry.content = kasane::Sha256Of("");
  return entry;
}

const Tree& Below() {
  static const Tree* const kTree = new Tree(*Tree().Apply(*Delta::FromEntries({
      Make("etc/passwd", EntryType::kFile),
      Make("x/d/f", EntryType::kFile),
      Make("x/abs", EntryType::kSymlink, "/etc"),
      Make("x/up", EntryType::kSymlink, "../../.."),
      Make("x/loop", EntryType::kSymlink, "loop"),
      Make("x/in", EntryType::kSymlink, "d"),
  })));
  return *kTree;
}

// Holes of sparse files cost nothing to say.
class Collector : public ArchiveCollector {
 public:
  Collector() : ArchiveCollector([](const kasane::Digest&, int64_t, int64_t) {}) {}
  absl::Status OnContent(absl::string_view data) override {
    total_ += data.size();
    if (total_ > (16u << 20)) return absl::ResourceExhaustedError("");
    return ArchiveCollector::OnContent(data);
  }

 private:
  size_t total_ = 0;
};

// False: no archive, or more than is worth the time.
bool Read(absl::string_view data, Archive* archive) {
  Decompressor decompressor(Decompressor::Formats::kOfArchives);
  Collector collector;
  TarReader reader(&collector);
  std::string buffer(4096, '\0');
  size_t total = 0;
  const auto take = [&](const absl::StatusOr<size_t>& n) {
    if (!n.ok() || !reader.Write(absl::string_view(buffer).substr(0, *n)).ok()) return false;
    total += *n;
    return total <= (4u << 20);
  };
  while (true) {
    const absl::StatusOr<size_t> n = decompressor.Read(&data, buffer.data(), buffer.size());
    if (!take(n)) return false;
    if (*n == 0 && data.empty()) break;
  }
  while (true) {
    const absl::StatusOr<size_t> n = decompressor.ReadEnd(buffer.data(), buffer.size());
    if (!take(n)) return false;
    if (*n == 0) break;
  }
  *archive = collector.archive();
  return reader.Finish().ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Archive archive;
  if (!Read(absl::string_view(reinterpret_cast<const char*>(data), size), &archive)) return 0;
  const std::string encoded = kasane::EncodeArchive(archive);
  const absl::StatusOr<Archive> decoded = kasane::DecodeArchive(encoded);
  if (decoded.ok() && kasane::EncodeArchive(*decoded) != encoded) abort();

  CopyPlacement placement;
  placement.destination = "/x";
  CopyTarget target(Below());
  if (!kasane::PlaceArchive(archive, placement, &target).ok()) return 0;
  const absl::StatusOr<Delta> delta = target.Finish();
  if (!delta.ok()) return 0;  // a path that is too long
  for (const DeltaEntry& e : delta->entries()) {
    if (e.path != "x" && !absl::StartsWith(e.path, "x/")) abort();
  }
  if (!Below().Apply(*delta).ok() || !Delta::Decode(delta->Encode()).ok()) abort();
  return 0;
}
