#include "src/trace/warm_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"
#include "src/base/file.h"

namespace kasane {
namespace {

constexpr int64_t kLongAgo = 1000000000;  // 2001-09-09
constexpr uint32_t kSpan = 0x0fffffff;    // 8.5 years

// From the node up.
std::vector<absl::string_view> NamesOf(const SeenNode& node) {
  std::vector<absl::string_view> names;
  names.reserve(16);
  for (const SeenNode* seen = &node; seen->parent() != nullptr; seen = seen->parent())
    names.emplace_back(seen->node().name);
  return names;
}

}  // namespace

WarmWatch::WarmWatch(std::vector<Place> places, bool times) : places_(std::move(places)), times_(times) {
  for (const Place& place : places_) components_.push_back(absl::StrSplit(place.path, '/'));
}

absl::optional<size_t> WarmWatch::PlaceOf(const SeenNode& node) const {
  const std::vector<absl::string_view> names = NamesOf(node);
  for (size_t i = 0; i < components_.size(); ++i) {
    const std::vector<std::string>& place = components_[i];
    if (names.size() >= place.size() && std::equal(place.begin(), place.end(), names.rbegin())) return i;
  }
  return absl::nullopt;
}

bool WarmWatch::IsPlace(const SeenNode& node) const {
  return node.parent() != nullptr && PlaceOf(node).has_value() && !PlaceOf(*node.parent()).has_value();
}

absl::optional<size_t> WarmWatch::PlaceIn(const SeenNode& directory) const {
  const std::vector<absl::string_view> names = NamesOf(directory);
  for (size_t i = 0; i < components_.size(); ++i) {
    const std::vector<std::string>& place = components_[i];
    const bool is_above =
        places_[i].tool.empty() ? names.size() + 1 == place.size() : names.size() < place.size();
    if (is_above && std::equal(names.rbegin(), names.rend(), place.begin())) return i;
  }
  return absl::nullopt;
}

bool WarmWatch::Covers(absl::string_view path) const {
  return std::any_of(places_.begin(), places_.end(),
                     [&](const Place& place) { return IsAtOrBelow(path, place.path); });
}

void WarmWatch::Note(size_t place, uint32_t process) {
  absl::MutexLock lock(&mutex_);
  if (!trespass_.has_value()) trespass_ = Trespass{place, process};
}

void WarmWatch::Enter(uint32_t pid, size_t place, ProcessTable* processes) {
  const TableProcess process = processes->Find(pid);
  const std::string& tool = places_[place].tool;
  if (!tool.empty() && process.profile != nullptr && process.profile->warm_tool() == tool) return;
  Note(place, process.number);
}

void WarmWatch::Listed(uint32_t pid, size_t place, ProcessTable* processes) {
  Note(place, processes->Number(pid));
}

absl::optional<WarmWatch::Trespass> WarmWatch::trespass() const {
  absl::MutexLock lock(&mutex_);
  return trespass_;
}

Timestamp WarmWatch::TimeOf(const Entry& entry) {
  uint32_t number = 0;
  const absl::string_view bytes = entry.content.bytes();
  for (size_t i = 0; i < std::min<size_t>(bytes.size(), 8); ++i)
    number = number * 31 + static_cast<unsigned char>(bytes[i]);
  uint32_t fraction = 0;
  for (size_t i = 8; i < std::min<size_t>(bytes.size(), 16); ++i)
    fraction = fraction * 31 + static_cast<unsigned char>(bytes[i]);
  return {kLongAgo + (number & kSpan), fraction % 1000000000};
}

}  // namespace kasane
