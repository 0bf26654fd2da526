#include "src/trace/warm_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace kasane {
namespace {

constexpr int64_t kLongAgo = 1000000000;  // 2001-09-09
constexpr uint32_t kSpan = 0x0fffffff;    // 8.5 years

bool IsIn(absl::string_view path, absl::string_view place) {
  return absl::StartsWith(path, place) && (path.size() == place.size() || path[place.size()] == '/');
}

}  // namespace

WarmWatch::WarmWatch(std::vector<Place> places, bool times) : places_(std::move(places)), times_(times) {
  for (const Place& place : places_) components_.push_back(absl::StrSplit(place.path, '/'));
}

// `above`: the place is a name of the node; else it is the node, or holds it.
absl::optional<size_t> WarmWatch::Match(const SeenNode& node, bool above) const {
  std::vector<absl::string_view> names;
  names.reserve(16);
  for (const SeenNode* seen = &node; seen->parent() != nullptr; seen = seen->parent())
    names.push_back(seen->node().name);
  for (size_t i = 0; i < components_.size(); ++i) {
    const std::vector<std::string>& place = components_[i];
    const size_t length = above ? place.size() - 1 : place.size();
    if (above ? names.size() != length : names.size() < length) continue;
    if (std::equal(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(length), names.rbegin()))
      return i;
  }
  return absl::nullopt;
}

absl::optional<size_t> WarmWatch::PlaceOf(const SeenNode& node) const { return Match(node, false); }

bool WarmWatch::IsPlace(const SeenNode& node) const {
  return node.parent() != nullptr && PlaceOf(node).has_value() && !PlaceOf(*node.parent()).has_value();
}

absl::optional<size_t> WarmWatch::PlaceIn(const SeenNode& directory) const { return Match(directory, true); }

bool WarmWatch::Covers(absl::string_view path) const {
  return std::any_of(places_.begin(), places_.end(),
                     [&](const Place& place) { return IsIn(path, place.path); });
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
