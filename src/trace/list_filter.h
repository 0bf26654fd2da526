// Which names of a directory a program cares about: a listing that is narrowed to them holds as long as they
// do.
#ifndef KASANE_SRC_TRACE_LIST_FILTER_H_
#define KASANE_SRC_TRACE_LIST_FILTER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/tree/tree.h"

namespace kasane {

// A name is kept if it does not begin with one of `hidden` and
//  - is a directory (`directories` is set), and is not one of `skipped_directories`, or
//  - is a symbolic link (`symlinks` is set), or
//  - is no directory and ends in one of `suffixes` (with at least one byte before it), or is one of `names`.
struct ListFilter {
  std::vector<std::string> hidden;
  bool directories = false;
  bool symlinks = false;
  std::vector<std::string> skipped_directories;
  std::vector<std::string> suffixes;
  std::vector<std::string> names;

  bool Keeps(absl::string_view name, EntryType type) const;
  // Canonical bytes (lists sorted, without repeats): part of the path set format. Decode refuses others.
  // One byte (1: directories, 2: symlinks), then the four lists, each its length and its strings (bytes).
  std::string Encode() const;
  static absl::StatusOr<ListFilter> Decode(absl::string_view bytes);
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_LIST_FILTER_H_
