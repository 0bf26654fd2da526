#include "src/tree/link_counts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/base/binary.h"
#include "src/tree/tree_file.h"

namespace kasane {
namespace {

constexpr size_t kRow = 16;

uint64_t Word(absl::string_view table, size_t offset) {
  return BinaryReader(table.substr(offset, 8)).Fixed64();
}

// The count of `group` in a table, 0 if it has none.
uint64_t Find(absl::string_view table, uint64_t group) {
  size_t low = 0;
  size_t high = table.size() / kRow;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    uint64_t at = Word(table, middle * kRow);
    if (at == group) return Word(table, middle * kRow + 8);
    if (at < group) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return 0;
}

}  // namespace

absl::string_view LinkCounts::table() const {
  if (file_ != nullptr) return file_->link_table();
  return table_ == nullptr ? absl::string_view() : absl::string_view(*table_);
}

uint64_t LinkCounts::Count(uint64_t group) const {
  auto it = changed_.find(group);
  return it != changed_.end() ? it->second : Find(table(), group);
}

void LinkCounts::Add(uint64_t group, int64_t change) {
  uint64_t count = Count(group);
  // Never below zero, whatever a damaged table says.
  uint64_t removed = std::min<uint64_t>(count, static_cast<uint64_t>(-change));
  changed_[group] = change < 0 ? count - removed : count + static_cast<uint64_t>(change);
}

void LinkCounts::Compact() {
  if (changed_.size() < 1024 || changed_.size() * kRow * 4 < table().size()) return;
  table_ = std::make_shared<const std::string>(Encode());
  file_ = nullptr;
  changed_.clear();
}

std::string LinkCounts::Encode() const {
  std::vector<std::pair<uint64_t, uint64_t>> changes(changed_.begin(), changed_.end());
  std::sort(changes.begin(), changes.end());
  absl::string_view old = table();
  std::string out;
  out.reserve(old.size() + changes.size() * kRow);
  size_t at = 0;
  for (const auto& [group, count] : changes) {
    size_t end = at;
    while (end + kRow <= old.size() && Word(old, end) < group) end += kRow;
    out.append(old.data() + at, end - at);
    at = end + kRow <= old.size() && Word(old, end) == group ? end + kRow : end;
    if (count == 0) continue;
    PutFixed64(&out, group);
    PutFixed64(&out, count);
  }
  out.append(old.data() + at, old.size() - at);
  return out;
}

}  // namespace kasane
