#include "src/steps/common_result.h"

#include <algorithm>
#include <future>
#include <string>

#include "src/base/status.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

bool IsWhole(const Store& store, const Delta& delta) {
  for (const DeltaEntry& e : delta.entries()) {
    if (!e.whiteout && e.entry.is_file() && !store.HasBlob(e.entry.content)) return false;
  }
  return true;
}

bool EqualButTimes(const Delta& a, const Delta& b) {
  return std::equal(a.entries().begin(), a.entries().end(), b.entries().begin(), b.entries().end(),
                    [](const DeltaEntry& x, const DeltaEntry& y) {
                      return x.path == y.path && x.whiteout == y.whiteout && x.opaque == y.opaque &&
                             x.implied == y.implied && EqualButTime(x.entry, y.entry);
                    });
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
  const absl::StatusOr<Delta> delta = LoadDelta(store, record->delta);
  if (!delta.ok() || (check_contents && !IsWhole(store, *delta))) return absl::nullopt;
  return *std::move(record);
}

absl::StatusOr<Record> PublishDeltaResult(Store* store, const StepArgs& args, const Epoch& epoch,
                                          const Digest& key, const Delta& delta, Record record) {
  absl::StatusOr<Record> old = ReadRecord(args.out);
  std::future<std::string> encoded =
      std::async(Concurrently(delta.entries().size()), [&delta] { return delta.Encode(); });
  bool keep = false;
  if (!epoch && old.ok() && old->kind == record.kind) {
    const absl::StatusOr<Delta> old_delta = LoadDelta(*store, old->delta);
    keep = old_delta.ok() && EqualButTimes(*old_delta, delta);
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
