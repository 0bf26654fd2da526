#include "src/trace/path_set.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/status.h"
#include "src/tree/delta.h"

namespace kasane {
namespace {

constexpr char kMagic[] = "KSNO\x02";
constexpr size_t kMagicSize = 5;

absl::Status Malformed() { return absl::DataLossError("a path set is damaged"); }

void SortUnique(std::vector<uint32_t>* numbers) {
  std::sort(numbers->begin(), numbers->end());
  numbers->erase(std::unique(numbers->begin(), numbers->end()), numbers->end());
}

// No component that could lead out of the tree.
bool IsSafePath(absl::string_view path) {
  if (path.empty()) return true;
  if (path.find('\0') != path.npos) return false;
  while (true) {
    size_t slash = path.find('/');
    absl::string_view name = path.substr(0, slash);
    if (name.empty() || name == "." || name == "..") return false;
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

PathSet PathSet::FromObservations(std::vector<Observation> observations,
                                  const std::vector<ListFilter>& filters) {
  PathSet set;
  std::sort(observations.begin(), observations.end(),
            [](const Observation& a, const Observation& b) { return PathLess(a.path, b.path); });
  for (Observation& observation : observations) {
    if (!set.observations_.empty() && set.observations_.back().path == observation.path) {
      Observation& last = set.observations_.back();
      last.facts |= observation.facts;
      last.filters.insert(last.filters.end(), observation.filters.begin(), observation.filters.end());
    } else {
      set.observations_.push_back(std::move(observation));
    }
  }
  // Filters are numbered by their bytes, so that equal questions give equal bytes.
  std::vector<std::string> encoded;
  encoded.reserve(filters.size());
  for (const ListFilter& filter : filters) encoded.push_back(filter.Encode());
  std::map<std::string, uint32_t> numbers;
  for (Observation& observation : set.observations_) {
    // All names cover some names.
    if (observation.facts & (fact::kList | fact::kTree)) {
      observation.facts &= ~fact::kNarrow;
      observation.filters.clear();
    }
    for (uint32_t index : observation.filters) numbers.emplace(encoded[index], index);
  }
  for (auto& [bytes, number] : numbers) {
    set.filters_.push_back(filters[number]);
    number = static_cast<uint32_t>(set.filters_.size() - 1);
  }
  for (Observation& observation : set.observations_) {
    for (uint32_t& index : observation.filters) index = numbers[encoded[index]];
    SortUnique(&observation.filters);
  }
  return set;
}

std::string PathSet::Encode() const {
  std::string out(kMagic, kMagicSize);
  PutVarint(&out, filters_.size());
  for (const ListFilter& filter : filters_) PutBytes(&out, filter.Encode());
  PutVarint(&out, observations_.size());
  absl::string_view last;
  for (const Observation& observation : observations_) {
    absl::string_view path = observation.path;
    size_t shared = static_cast<size_t>(
        std::mismatch(last.begin(),
                      last.begin() + static_cast<std::ptrdiff_t>(std::min(last.size(), path.size())),
                      path.begin())
            .first -
        last.begin());
    PutVarint(&out, shared);
    PutBytes(&out, path.substr(shared));
    PutVarint(&out, observation.facts);
    if (observation.facts & fact::kNarrow) {
      PutVarint(&out, observation.filters.size());
      for (uint32_t index : observation.filters) PutVarint(&out, index);
    }
    last = path;
  }
  return out;
}

absl::StatusOr<PathSet> PathSet::Decode(absl::string_view bytes) {
  if (bytes.substr(0, kMagicSize) != absl::string_view(kMagic, kMagicSize)) return Malformed();
  BinaryReader in(bytes.substr(kMagicSize));
  PathSet set;
  uint64_t count = in.Varint();
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    ASSIGN_OR_RETURN(ListFilter filter, ListFilter::Decode(in.Bytes()));
    set.filters_.push_back(std::move(filter));
  }
  count = in.Varint();
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    Observation observation;
    absl::string_view last;
    if (i > 0) last = set.observations_.back().path;
    uint64_t shared = in.Varint();
    if (shared > last.size()) return Malformed();
    observation.path = absl::StrCat(last.substr(0, shared), in.Bytes());
    uint64_t facts = in.Varint();
    if (facts == 0 || facts > fact::kAll || !IsSafePath(observation.path)) return Malformed();
    observation.facts = static_cast<uint32_t>(facts);
    if (observation.facts & fact::kNarrow) {
      uint64_t filters = in.Varint();
      for (uint64_t k = 0; k < filters && in.ok(); ++k) {
        uint64_t index = in.Varint();
        if (index >= set.filters_.size()) return Malformed();
        observation.filters.push_back(static_cast<uint32_t>(index));
      }
    }
    if (i > 0 && !PathLess(last, observation.path)) return Malformed();
    set.observations_.push_back(std::move(observation));
  }
  if (!in.ok() || !in.done()) return Malformed();
  return set;
}

}  // namespace kasane
