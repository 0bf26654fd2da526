// Which members, and which pieces of big files, make up each fragment of a layer's tar: known from the delta
// alone, before any content is read.
#ifndef KASANE_SRC_OCI_FRAGMENT_PLAN_H_
#define KASANE_SRC_OCI_FRAGMENT_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/tree/delta.h"

namespace kasane {

// What of one member lies in one fragment: its header, then `size` bytes of its content and the padding to a
// block (a piece that is not the last one needs none).
struct FragmentPart {
  const DeltaEntry* entry = nullptr;
  const DeltaEntry* linked = nullptr;  // a hard link: the member that has the content
  uint64_t offset = 0;                 // of the content
  uint64_t size = 0;
  bool header = false;
};

struct Fragment {
  size_t begin = 0;  // its parts
  size_t end = 0;
  uint64_t size = 0;
  bool last = false;  // the end of the archive follows
  // Of whatever decides its bytes, compressed: the format, the headers, what of which content.
  Digest key;
  // Nothing but a whole piece of a big file: its bytes may be known though the file's digest is new.
  bool is_piece = false;
};

struct FragmentPlan {
  std::vector<FragmentPart> parts;
  std::vector<Fragment> fragments;
};

// `order`: as TarOrder gives it; it must outlive the plan. `format`: LayerFormatId.
absl::StatusOr<FragmentPlan> PlanFragments(const std::vector<const DeltaEntry*>& order,
                                           absl::string_view format);

// The header of an entry's tar member. `link_name`: for a hard link, the name of the member that has the
// content; else "".
absl::Status AppendEntryHeader(const DeltaEntry& entry, const std::string& link_name, std::string* out);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_FRAGMENT_PLAN_H_
