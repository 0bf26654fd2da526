// What a RUN learnt from the tree below it, as questions: which paths it asked for, and what about each. The
// answers are not in it: they are those that a tree gives (answers.h), so one path set serves every tree on
// which a RUN asked alike.
#ifndef KASANE_SRC_TRACE_PATH_SET_H_
#define KASANE_SRC_TRACE_PATH_SET_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/binary.h"
#include "src/base/digest.h"
#include "src/trace/list_filter.h"

namespace kasane {

// What was asked of a path; a set of bits. The numbers are part of the format.
namespace fact {
inline constexpr uint32_t kAbsent = 1 << 0;  // there is no such name in its directory (soundness.md A14)
inline constexpr uint32_t kType = 1 << 1;    // it is there: file, directory, link...
inline constexpr uint32_t kMode =
    1 << 2;  // level 1: also owner, capabilities, link target, whether it is empty
inline constexpr uint32_t kSize = 1 << 3;       // level 2
inline constexpr uint32_t kTime = 1 << 4;       // level 3: mtime, link count and group, device number
inline constexpr uint32_t kContent = 1 << 5;    // of a file
inline constexpr uint32_t kLink = 1 << 6;       // the link's target
inline constexpr uint32_t kXattrs = 1 << 7;     // all names and values
inline constexpr uint32_t kList = 1 << 8;       // names and types of all that a directory holds
inline constexpr uint32_t kNarrow = 1 << 9;     // the same of what `filters` keep
inline constexpr uint32_t kTree = 1 << 10;      // everything below a directory, the coarse observation
inline constexpr uint32_t kNoXattrs = 1 << 11;  // of the root only: nothing in the whole tree has an xattr
inline constexpr uint32_t kGoHeader = 1 << 12;  // of a Go file that is not compiled (go_header.h)
inline constexpr uint32_t kAll = (1 << 13) - 1;
// A stat at its strictest. A directory shows no size and no time (lowerfs_nodes.h), so its stat is kMode.
inline constexpr uint32_t kStat = kType | kMode | kSize | kTime;
}  // namespace fact

struct Observation {
  std::string path;               // as in DeltaEntry; "" is the root
  uint32_t facts = 0;             // not 0
  std::vector<uint32_t> filters;  // sorted indices into PathSet::filters(), if kNarrow is among the facts
};

// Encoded form, a blob in the store: "KSNO" 0x02; number of filters, each as bytes (ListFilter::Encode);
// number of observations, and per observation, in PathLess order: length of the prefix shared with the
// previous path, rest of the path (bytes), facts (varint), and, if kNarrow is among them, number and indices
// of its filters.
//
// In memory it is these bytes, some 20 for an observation, and is read from the front: a RUN that walks a
// million files makes as many observations.
class PathSet {
 public:
  class Iterator;

  PathSet();
  // Sorts, and joins what is said twice of a path. `filters` may hold repeats and unused ones: they are
  // dropped.
  static PathSet FromObservations(std::vector<Observation> observations,
                                  const std::vector<ListFilter>& filters);
  static absl::StatusOr<PathSet> Decode(std::string bytes);
  const std::string& Encode() const { return bytes_; }

  Iterator begin() const;
  static std::default_sentinel_t end() { return {}; }
  size_t size() const { return size_; }
  const std::vector<ListFilter>& filters() const { return filters_; }

 private:
  friend class PathSetWriter;
  PathSet(std::string bytes, size_t size, std::vector<ListFilter> filters)
      : bytes_(std::move(bytes)), size_(size), filters_(std::move(filters)) {}

  std::string bytes_;
  size_t start_ = 0;  // of the observations
  size_t size_ = 0;
  std::vector<ListFilter> filters_;
};

// The observations in order. What it points to is another one after the next step.
class PathSet::Iterator {
 public:
  const Observation& operator*() const { return current_; }
  const Observation* operator->() const { return &current_; }
  Iterator& operator++();
  friend bool operator==(const Iterator& iterator, std::default_sentinel_t) { return iterator.left_ == 0; }

 private:
  friend class PathSet;
  Iterator(absl::string_view bytes, size_t size, size_t filters);
  void Read();

  BinaryReader in_;
  size_t left_;     // the current one included
  size_t filters_;  // their number
  Observation current_;
};

// Makes a path set of observations that come in order.
class PathSetWriter {
 public:
  explicit PathSetWriter(const std::vector<ListFilter>& filters);
  // No path may come after one that it is less than. False: the path is the last one's, whose facts and
  // filters are joined with these. The indices are into the constructor's filters.
  bool Add(absl::string_view path, uint32_t facts, const std::vector<uint32_t>& filters = {});
  PathSet Finish() &&;

 private:
  void Flush();

  std::vector<ListFilter> given_;
  std::vector<std::string> encoded_;  // of each
  std::map<std::string, uint32_t> used_;
  Observation current_;
  std::string last_;   // the path before it
  std::string bytes_;  // of the observations, but for the indices of filters
  // Places in `bytes_` and the filters that belong there: their numbers are known in the end.
  std::vector<std::pair<size_t, std::vector<uint32_t>>> narrowed_;
  size_t size_ = 0;
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_PATH_SET_H_
