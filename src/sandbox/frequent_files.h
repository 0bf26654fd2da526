// Small files that one command after another opens again: user and group names, shared libraries, the lists
// of dpkg, the libraries of perl and python. dpkg opens /etc/passwd once for each file that it unpacks, and
// pip starts python six times to make a wheel.
//
// FrequentFs, a FUSE file system of their own on top of the whole tree's, lets the kernel open them without
// asking: two requests less each time. The kernel keeps what was read, too, so only files of which the same
// is recorded whoever reads them may stand there (Observer::IsSameForAll).
#ifndef KASANE_SRC_SANDBOX_FREQUENT_FILES_H_
#define KASANE_SRC_SANDBOX_FREQUENT_FILES_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "src/tree/tree.h"

namespace kasane {

class FrequentFiles {
 public:
  // Of a tree, and of all that differ from it elsewhere.
  explicit FrequentFiles(const Tree& tree);
  // No place for such files is there.
  bool empty() const { return places_.empty(); }
  // Such files may lie in the directory (its path is relative), or below. Two file systems have it, so
  // overlayfs lists it once for all who ask.
  bool LeadsOn(absl::string_view directory) const { return ways_.contains(directory) || IsDeep(directory); }
  // Such files may lie in the directory itself.
  bool IsPlace(absl::string_view directory) const { return places_.contains(directory) || IsDeep(directory); }
  // It lies in the libraries of an interpreter, where others put theirs too.
  bool IsInLibrary(absl::string_view directory) const {
    return IsDeep(directory) && !ways_.contains(directory);
  }
  // Of a name of a directory.
  bool Has(absl::string_view directory, const Node& file) const;

 private:
  void AddPlace(const Tree& tree, const std::string& path, bool libraries);
  void AddInterpreters(const Tree& tree, const std::string& path);
  void AddWays(const std::string& path);
  bool IsDeep(absl::string_view directory) const;

  absl::flat_hash_set<std::string> ways_;          // the places and all directories above them
  absl::flat_hash_map<std::string, bool> places_;  // true: shared libraries only
  std::vector<std::string> deep_;                  // places with all that lies below them
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_FREQUENT_FILES_H_
