#include "src/steps/common_gaps.h"

#include <set>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/contract/record.h"

namespace kasane {
namespace {

constexpr char kPayload[] = "kasane/gap";

}  // namespace

absl::Status GapMet(absl::string_view path) {
  absl::Status status = absl::AbortedError(absl::StrCat("/", path, " is a gap in the tree below this step"));
  status.SetPayload(kPayload, absl::Cord(path));
  return status;
}

bool IsGapMet(const absl::Status& status) { return status.GetPayload(kPayload).has_value(); }

absl::StatusOr<std::vector<std::string>> GapsOf(const std::vector<std::string>& records) {
  std::set<std::string> gaps;
  for (const std::string& path : records) {
    ASSIGN_OR_RETURN(const Record record, ReadRecord(path));
    gaps.insert(record.gaps.begin(), record.gaps.end());
  }
  return std::vector<std::string>(gaps.begin(), gaps.end());
}

bool Overlap(absl::string_view a, absl::string_view b) { return IsAtOrBelow(a, b) || IsAtOrBelow(b, a); }

}  // namespace kasane
