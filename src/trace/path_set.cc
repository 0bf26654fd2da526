#include "src/trace/path_set.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
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

// The next observation: false if it is malformed. `current` is the one before, made this one.
bool ReadObservation(BinaryReader* in, size_t filters, Observation* current) {
  const uint64_t shared = in->Varint();
  if (shared > current->path.size()) return false;
  current->path.resize(static_cast<size_t>(shared));
  const absl::string_view rest = in->Bytes();
  current->path.append(rest.data(), rest.size());
  const uint64_t facts = in->Varint();
  if (facts == 0 || facts > fact::kAll) return false;
  current->facts = static_cast<uint32_t>(facts);
  current->filters.clear();
  if (current->facts & fact::kNarrow) {
    const uint64_t count = in->Varint();
    for (uint64_t k = 0; k < count && in->ok(); ++k) {
      const uint64_t index = in->Varint();
      if (index >= filters) return false;
      current->filters.push_back(static_cast<uint32_t>(index));
    }
  }
  return in->ok();
}

}  // namespace

PathSet::PathSet() { *this = PathSetWriter({}).Finish(); }

PathSet PathSet::FromObservations(std::vector<Observation> observations,
                                  const std::vector<ListFilter>& filters) {
  std::sort(observations.begin(), observations.end(),
            [](const Observation& a, const Observation& b) { return PathLess(a.path, b.path); });
  PathSetWriter writer(filters);
  for (const Observation& observation : observations) {
    writer.Add(observation.path, observation.facts, observation.filters);
  }
  return std::move(writer).Finish();
}

absl::StatusOr<PathSet> PathSet::Decode(std::string bytes) {
  if (!absl::StartsWith(bytes, absl::string_view(kMagic, kMagicSize))) return Malformed();
  PathSet set(std::move(bytes), 0, {});
  BinaryReader in(absl::string_view(set.bytes_).substr(kMagicSize));
  uint64_t count = in.Varint();
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    ASSIGN_OR_RETURN(ListFilter filter, ListFilter::Decode(in.Bytes()));
    set.filters_.push_back(std::move(filter));
  }
  count = in.Varint();
  set.start_ = set.bytes_.size() - in.rest().size();
  Observation current;
  std::string last;
  for (uint64_t i = 0; i < count; ++i) {
    last = current.path;
    if (!ReadObservation(&in, set.filters_.size(), &current) || !IsSafePath(current.path)) return Malformed();
    if (i > 0 && !PathLess(last, current.path)) return Malformed();
  }
  if (!in.ok() || !in.done()) return Malformed();
  set.size_ = static_cast<size_t>(count);
  return set;
}

PathSet::Iterator PathSet::begin() const {
  return Iterator(absl::string_view(bytes_).substr(start_), size_, filters_.size());
}

PathSet::Iterator::Iterator(absl::string_view bytes, size_t size, size_t filters)
    : in_(bytes), left_(size), filters_(filters) {
  Read();
}

PathSet::Iterator& PathSet::Iterator::operator++() {
  --left_;
  Read();
  return *this;
}

void PathSet::Iterator::Read() {
  // The bytes were looked through when the set was made.
  if (left_ > 0 && !ReadObservation(&in_, filters_, &current_)) left_ = 0;
}

PathSetWriter::PathSetWriter(const std::vector<ListFilter>& filters) : given_(filters) {
  encoded_.reserve(filters.size());
  for (const ListFilter& filter : filters) encoded_.push_back(filter.Encode());
}

bool PathSetWriter::Add(absl::string_view path, uint32_t facts, const std::vector<uint32_t>& filters) {
  const bool fresh = current_.facts == 0 || current_.path != path;
  if (fresh) {
    Flush();
    last_.swap(current_.path);
    current_.path.assign(path.data(), path.size());
    current_.facts = 0;
    current_.filters.clear();
  }
  current_.facts |= facts;
  current_.filters.insert(current_.filters.end(), filters.begin(), filters.end());
  return fresh;
}

void PathSetWriter::Flush() {
  if (current_.facts == 0) return;
  ++size_;
  // All names cover some names.
  if (current_.facts & (fact::kList | fact::kTree)) current_.facts &= ~fact::kNarrow;
  const absl::string_view path = current_.path;
  const size_t most = std::min(last_.size(), path.size());
  size_t shared = 0;
  while (shared < most && last_[shared] == path[shared]) ++shared;
  PutVarint(&bytes_, shared);
  PutBytes(&bytes_, path.substr(shared));
  PutVarint(&bytes_, current_.facts);
  if ((current_.facts & fact::kNarrow) == 0) return;
  for (const uint32_t index : current_.filters) used_.emplace(encoded_[index], index);
  narrowed_.emplace_back(bytes_.size(), current_.filters);
}

// Filters are numbered by their bytes, so that equal questions give equal bytes.
PathSet PathSetWriter::Finish() && {
  Flush();
  std::vector<ListFilter> filters;
  std::string out(kMagic, kMagicSize);
  PutVarint(&out, used_.size());
  for (auto& [bytes, number] : used_) {
    PutBytes(&out, bytes);
    filters.push_back(given_[number]);
    number = static_cast<uint32_t>(filters.size() - 1);
  }
  PutVarint(&out, size_);
  const size_t start = out.size();
  out.reserve(start + bytes_.size());
  size_t copied = 0;
  for (auto& [place, indices] : narrowed_) {
    out.append(bytes_, copied, place - copied);
    copied = place;
    for (uint32_t& index : indices) index = used_[encoded_[index]];
    SortUnique(&indices);
    PutVarint(&out, indices.size());
    for (const uint32_t index : indices) PutVarint(&out, index);
  }
  out.append(bytes_, copied);
  PathSet set(std::move(out), size_, std::move(filters));
  set.start_ = start;
  return set;
}

}  // namespace kasane
