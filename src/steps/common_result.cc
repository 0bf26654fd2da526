#include "src/steps/common_result.h"

#include <algorithm>
#include <cstddef>
#include <future>
#include <string>
#include <vector>

#include "src/base/status.h"
#include "src/store/tree_store.h"
#include "src/tree/delta_reader.h"

namespace kasane {
namespace {

constexpr size_t kEntriesAtOnce = 10000;

bool IsWhole(const Store& store, const Delta& delta) {
  for (const DeltaEntry& e : delta.entries()) {
    if (!e.whiteout && e.entry.is_file() && !store.HasBlob(e.entry.content)) return false;
  }
  return true;
}

bool EqualButTimes(const DeltaEntry& a, const DeltaEntry& b) {
  return a.path == b.path && a.whiteout == b.whiteout && a.opaque == b.opaque && a.implied == b.implied &&
         EqualButTime(a.entry, b.entry);
}

// Whether a stored delta differs from `delta` in times alone. It is read piece by piece: of a million entries
// one delta in memory is enough.
absl::StatusOr<bool> IsEqualButTimes(const Store& store, const Digest& stored, const Delta& delta) {
  ASSIGN_OR_RETURN(const std::string bytes, store.ReadBlob(stored));
  ASSIGN_OR_RETURN(DeltaReader reader, DeltaReader::Open(bytes));
  auto next = delta.entries().begin();
  while (!reader.done()) {
    ASSIGN_OR_RETURN(const std::vector<DeltaEntry> piece, reader.Next(kEntriesAtOnce));
    if (piece.size() > static_cast<size_t>(delta.entries().end() - next)) return false;
    if (!std::equal(piece.begin(), piece.end(), next, EqualButTimes)) return false;
    next += static_cast<std::ptrdiff_t>(piece.size());
  }
  return next == delta.entries().end();
}

constexpr size_t kWorthAThread = 5000;  // entries: about a millisecond of work

}  // namespace

std::launch Concurrently(size_t entries) {
  return entries < kWorthAThread ? std::launch::deferred : std::launch::async;
}

absl::optional<Record> FindDeltaResult(const Store& store, const Digest& key, bool check_contents) {
  const absl::StatusOr<std::string> text = store.GetResult(key);
  if (!text.ok()) return absl::nullopt;
  absl::StatusOr<Record> record = DecodeRecord(*text, "result");
  if (!record.ok()) return absl::nullopt;
  if (!check_contents) {
    if (!store.ReadBlob(record->delta).ok()) return absl::nullopt;
    return *std::move(record);
  }
  const absl::StatusOr<Delta> delta = LoadDelta(store, record->delta);
  if (!delta.ok() || !IsWhole(store, *delta)) return absl::nullopt;
  return *std::move(record);
}

absl::StatusOr<Record> PublishDeltaResult(Store* store, const StepArgs& args, const Epoch& epoch,
                                          const Digest& key, const Delta& delta, Record record) {
  absl::StatusOr<Record> old = ReadRecord(args.out);
  std::future<std::string> encoded =
      std::async(Concurrently(delta.entries().size()), [&delta] { return delta.Encode(); });
  bool keep = false;
  if (!epoch && old.ok() && old->kind == record.kind) {
    keep = IsEqualButTimes(*store, old->delta, delta).value_or(false);
  }
  if (keep) {
    record = *std::move(old);
  } else {
    ASSIGN_OR_RETURN(record.delta, store->PutBlob(encoded.get()));
  }
  RETURN_IF_ERROR(store->PutResult(key, EncodeRecord(record)));
  return record;
}

}  // namespace kasane
