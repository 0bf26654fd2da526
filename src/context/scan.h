// A context directory as lstat shows it, without what the ignore file leaves out.
#ifndef KASANE_SRC_CONTEXT_SCAN_H_
#define KASANE_SRC_CONTEXT_SCAN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/context/ignore.h"
#include "src/tree/entry.h"

struct stat;

namespace kasane {

// Of these there may be a million, so size counts.
struct ScanEntry {
  std::string path;  // relative to the context's root; "" is the root itself
  // Symlinks only, else null.
  std::shared_ptr<const std::string> link_target;
  uint64_t size = 0;  // files only
  Timestamp mtime;
  Timestamp ctime;
  uint64_t inode = 0;  // what hard links share
  uint32_t mode = 0;   // low 12 bits
  uint32_t links = 0;
  uint32_t device_major = 0;  // of a device file
  uint32_t device_minor = 0;
  uint32_t end = 0;  // index after the last entry below this one
  // Why the caller may not read it (an errno), 0 if it may: directories, files. Nothing is known of what is
  // below such a directory. An error only for a COPY that needs it.
  int unreadable = 0;
  EntryType type = EntryType::kFile;
  bool absent = false;  // not there yet: another rule of the build makes it (generated.h)

  absl::string_view target() const { return link_target == nullptr ? "" : absl::string_view(*link_target); }
  void set_target(absl::string_view target) { link_target = std::make_shared<std::string>(target); }
};

// What lstat says, into all fields but `path`, `link_target`, `unreadable` and `end`.
void FillScanEntry(const struct stat& st, ScanEntry* entry);

class ContextScan {
 public:
  // In PathLess order; the first is the root. A directory that is ignored itself is there if something below
  // it is not.
  const std::vector<ScanEntry>& entries() const { return entries_; }
  // Relative paths ("" for the root) of all directories that were read, sorted: a name that comes or goes
  // changes the mtime of one of them.
  const std::vector<std::string>& directories() const { return directories_; }
  // Null if there is none, or if it is ignored.
  const ScanEntry* Find(absl::string_view path) const;
  // `entry` is one of this scan's. Its path must stay what it is as long as anything is looked up.
  ScanEntry* MutableEntry(const ScanEntry* entry) {
    return &entries_[static_cast<size_t>(entry - entries_.data())];
  }
  // Adds entries, those of paths that are there already left out; each path's directory must be there or
  // among them.
  void Add(std::vector<ScanEntry> more);

 private:
  friend class Scanner;
  std::vector<ScanEntry> entries_;
  std::vector<std::string> directories_;
};

// Scans the directory `root`. Left out: what `ignore` ignores, and the files and directories of `exclude`
// (relative paths: what gen itself writes there). Symlinks are never followed. Large contexts are read by two
// threads or, with more CPUs, by up to four. Entries that vanish while being looked at are left out.
absl::StatusOr<ContextScan> ScanContext(const std::string& root, const IgnoreMatcher& ignore,
                                        const std::vector<std::string>& exclude);

}  // namespace kasane

#endif  // KASANE_SRC_CONTEXT_SCAN_H_
