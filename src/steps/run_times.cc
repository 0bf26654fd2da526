#include "src/steps/run_times.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "src/base/status.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

// When the execution began and ended that made a delta.
struct Execution {
  absl::Time begin, end;
};

bool ParseExecution(const Record& record, Execution* execution) {
  std::string error;
  return absl::ParseTime(absl::RFC3339_full, record.created, &execution->end, &error) &&
         (absl::ParseTime(absl::RFC3339_full, record.started, &execution->begin, &error) ||
          absl::ParseTime(absl::RFC3339_full, record.created, &execution->begin, &error));
}

// The delta as if its execution had begun at `begin`: what was written during it is moved, in the same order;
// older times were given on purpose (by tar, say) and would be given again. Nothing gets a time in the
// future.
absl::StatusOr<Digest> Shift(Store* store, const Digest& digest, const Execution& execution, absl::Time begin,
                             absl::Time now) {
  ASSIGN_OR_RETURN(Delta delta, LoadDelta(*store, digest));
  const absl::Duration took = execution.end - execution.begin;
  const absl::Duration left = std::max(now - begin, absl::ZeroDuration());
  const double scale = took > left ? absl::FDivDuration(left, took) : 1;
  std::vector<DeltaEntry> entries = delta.entries();
  for (DeltaEntry& entry : entries) {
    Timestamp& mtime = entry.entry.mtime;
    absl::Time time = absl::FromUnixSeconds(mtime.seconds) + absl::Nanoseconds(mtime.nanoseconds);
    if (entry.whiteout || entry.implied || time < execution.begin) continue;
    time = begin + (time - execution.begin) * scale;
    mtime.seconds = absl::ToUnixSeconds(time);
    mtime.nanoseconds =
        static_cast<uint32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(mtime.seconds)));
  }
  ASSIGN_OR_RETURN(Delta shifted, Delta::FromEntries(std::move(entries)));
  return SaveDelta(store, shifted);
}

}  // namespace

absl::StatusOr<Chain> ChainAsShown(Store* store, const std::vector<std::string>& records) {
  ASSIGN_OR_RETURN(Chain chain, ReadChain(records));
  const absl::Time now = absl::Now();
  size_t index = 0;
  absl::Time newest = absl::InfinitePast();
  for (const std::string& path : records) {
    ASSIGN_OR_RETURN(Record record, ReadRecord(path));
    if (record.delta.empty()) continue;  // a base image
    Digest& delta = chain.deltas[index++];
    Execution execution;
    if (!ParseExecution(record, &execution)) continue;
    if (record.kind == "run" && execution.begin < newest) {
      ASSIGN_OR_RETURN(delta, Shift(store, delta, execution, newest, now));
    }
    newest = std::max(newest, execution.end);
  }
  return chain;
}

}  // namespace kasane
