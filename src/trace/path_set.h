// What a RUN learnt from the tree below it, as questions: which paths it asked for, and what about each. The
// answers are not in it: they are those that a tree gives (answers.h), so one path set serves every tree on
// which a RUN asked alike.
#ifndef KASANE_SRC_TRACE_PATH_SET_H_
#define KASANE_SRC_TRACE_PATH_SET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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
class PathSet {
 public:
  PathSet() = default;
  // Sorts, and joins what is said twice of a path. `filters` may hold repeats and unused ones: they are
  // dropped.
  static PathSet FromObservations(std::vector<Observation> observations,
                                  const std::vector<ListFilter>& filters);
  static absl::StatusOr<PathSet> Decode(absl::string_view bytes);
  std::string Encode() const;

  const std::vector<Observation>& observations() const { return observations_; }
  const std::vector<ListFilter>& filters() const { return filters_; }

 private:
  std::vector<Observation> observations_;
  std::vector<ListFilter> filters_;
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_PATH_SET_H_
