#include "src/steps/run_clock.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/store/tree_store.h"
#include "src/tree/delta.h"

namespace kasane {
namespace {

constexpr absl::string_view kMagic("KSNK\x01", 5);

Timestamp Now() {
  const int64_t now = absl::ToUnixNanos(absl::Now());
  return {now / 1000000000, static_cast<uint32_t>(now % 1000000000)};
}

bool Later(const Timestamp& a, const Timestamp& b) {
  return a.seconds != b.seconds ? a.seconds > b.seconds : a.nanoseconds > b.nanoseconds;
}

std::string ClockPath(const CacheLease& lease) { return JoinPath(Dirname(lease.directory()), "clock"); }

// The clocks of all caches of one RUN. The newest time counts: it is new to at least one of them.
class Clocks {
 public:
  explicit Clocks(const RunCaches& caches) : caches_(caches), now_(Now()) {
    for (const auto& [name, lease] : caches.leases) {
      absl::StatusOr<std::string> bytes = ReadFile(ClockPath(lease));
      clocks_.push_back(CacheClock::Decode(bytes.ok() ? *bytes : ""));
    }
  }

  // An entry for the node with the time to show; false: it keeps its own.
  bool Show(const std::string& root, const std::string& path, const Node& node, DeltaEntry* out) {
    if (node.entry.is_directory() || node.entry.link_group != 0) return false;
    std::string key = absl::StrCat(root, absl::string_view("\0", 1), path), text;
    EncodeEntry(node.entry, /*with_time=*/false, &text);
    const Digest digest = Sha256Of(text);
    Timestamp time = {0, 0};
    for (CacheClock& clock : clocks_) {
      const Timestamp shown = clock.Show(key, digest, now_);
      if (Later(shown, time)) time = shown;
    }
    out->path = path;
    out->entry = node.entry;
    out->entry.mtime = time;
    return true;
  }

  absl::Status Save() {
    for (size_t i = 0; i < clocks_.size(); ++i) {
      RETURN_IF_ERROR(WriteFileAtomic(ClockPath(caches_.leases[i].second), clocks_[i].Encode()));
    }
    return absl::OkStatus();
  }

 private:
  const RunCaches& caches_;
  const Timestamp now_;
  std::vector<CacheClock> clocks_;
};

absl::StatusOr<Digest> SaveEntries(Store* store, std::vector<DeltaEntry> entries) {
  ASSIGN_OR_RETURN(Delta delta, Delta::FromEntries(std::move(entries)));
  return SaveDelta(store, delta);
}

}  // namespace

CacheClock CacheClock::Decode(absl::string_view bytes) {
  CacheClock clock;
  if (!absl::StartsWith(bytes, kMagic)) return clock;
  BinaryReader reader(bytes.substr(kMagic.size()));
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const std::string path(reader.Bytes());
    const absl::string_view digest = reader.Raw(32);
    const int64_t seconds = reader.Signed();
    const auto nanoseconds = static_cast<uint32_t>(reader.Varint());
    if (reader.ok()) clock.shown_[path] = {Digest::FromBytes(digest), {seconds, nanoseconds}};
  }
  if (!reader.ok() || !reader.done()) return CacheClock();
  return clock;
}

std::string CacheClock::Encode() const {
  std::string out(kMagic);
  PutVarint(&out, shown_.size());
  for (const auto& [path, shown] : shown_) {
    PutBytes(&out, path);
    absl::StrAppend(&out, shown.digest.bytes());
    PutSigned(&out, shown.time.seconds);
    PutVarint(&out, shown.time.nanoseconds);
  }
  return out;
}

Timestamp CacheClock::Show(const std::string& path, const Digest& digest, const Timestamp& now) {
  Shown& shown = shown_[path];
  if (shown.digest != digest) shown = {digest, now};
  return shown.time;
}

absl::Status ShowClockTimes(Store* store, const RunCaches& caches, const Chain& chain, Tree* below,
                            std::vector<SandboxMount>* mounts) {
  if (caches.leases.empty()) return absl::OkStatus();
  Clocks clocks(caches);
  DeltaEntry shown;
  std::set<std::string> paths;
  for (const Digest& digest : chain.deltas) {
    ASSIGN_OR_RETURN(Delta delta, LoadDelta(*store, digest));
    for (const DeltaEntry& entry : delta.entries()) {
      if (!entry.whiteout && !entry.entry.is_directory()) paths.insert(entry.path);
    }
  }
  std::vector<DeltaEntry> entries;
  for (const std::string& path : paths) {
    const Node* node = below->Lookup(path);
    if (node != nullptr && clocks.Show("", path, *node, &shown)) entries.push_back(shown);
  }
  RETURN_IF_ERROR(below->status());
  std::vector<Digest> deltas = chain.deltas;
  deltas.emplace_back();
  ASSIGN_OR_RETURN(deltas.back(), SaveEntries(store, std::move(entries)));
  ASSIGN_OR_RETURN(*below, ComposeTree(store, chain.base_tree, deltas));
  for (SandboxMount& mount : *mounts) {
    if (mount.kind != SandboxMount::Kind::kTree) continue;
    entries.clear();
    mount.tree.Walk([&](const std::string& path, const Node& node) {
      if (clocks.Show(mount.target, path, node, &shown)) entries.push_back(shown);
      return true;
    });
    RETURN_IF_ERROR(mount.tree.status());
    ASSIGN_OR_RETURN(Digest tree, SaveTree(store, mount.tree));
    ASSIGN_OR_RETURN(Digest delta, SaveEntries(store, std::move(entries)));
    ASSIGN_OR_RETURN(mount.tree, ComposeTree(store, tree, {delta}));
  }
  return clocks.Save();
}

}  // namespace kasane
