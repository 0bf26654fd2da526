// One name in a file system tree, without its name: what lstat, readlink and listxattr tell, and a content
// digest.
#ifndef KASANE_SRC_TREE_ENTRY_H_
#define KASANE_SRC_TREE_ENTRY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/base/binary.h"
#include "src/base/digest.h"
#include "src/tree/rare.h"

namespace kasane {

enum class EntryType : uint8_t {
  kFile = 1,
  kDirectory = 2,
  kSymlink = 3,
  kFifo = 4,
  kCharDevice = 5,
  kBlockDevice = 6,
  kSocket = 7,  // lives in deltas and trees; a layer tar leaves it out
};

struct Timestamp {
  int64_t seconds = 0;  // since 1970, may be negative
  uint32_t nanoseconds = 0;
  friend bool operator==(const Timestamp& a, const Timestamp& b) {
    return a.seconds == b.seconds && a.nanoseconds == b.nanoseconds;
  }
};

struct Entry {
  EntryType type = EntryType::kFile;
  uint32_t mode = 0;  // low 12 bits: permissions, set-uid, set-gid, sticky
  uint32_t uid = 0;
  uint32_t gid = 0;
  Timestamp mtime;
  uint64_t size = 0;       // files only, else 0
  Digest content;          // files only: SHA-256 of the bytes (also of the empty file)
  RareString link_target;  // symlinks only
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  // Non-directories that share an inode have the same non-zero group; 0: a link count of 1. Group numbers are
  // unique within a tree: the maker of a delta derives them from the group's paths (see LinkGroupId).
  uint64_t link_group = 0;
  // Sorted by name; values are raw bytes.
  RareVector<std::pair<std::string, std::string>> xattrs;

  bool is_directory() const { return type == EntryType::kDirectory; }
  bool is_file() const { return type == EntryType::kFile; }
  bool is_symlink() const { return type == EntryType::kSymlink; }
};

// Equality of everything, and of everything but mtimes.
bool operator==(const Entry& a, const Entry& b);
bool EqualButTime(const Entry& a, const Entry& b);

// The canonical encoding (part of the delta and tree formats; see delta.h for the version). With `with_time`
// false the mtime is left out, for keys that must not see it.
void EncodeEntry(const Entry& entry, bool with_time, std::string* out);
// With the time. False if the bytes are malformed or the entry is not canonical.
bool DecodeEntry(BinaryReader* in, Entry* entry);

// True if the fields are within their bounds, no string that the kernel ends with NUL holds one, and the
// xattrs are sorted and unique.
bool IsCanonical(const Entry& entry);
// Sets the fields that an entry of this type does not have (a directory's size, ...) to their defaults.
void ClearForeignFields(Entry* entry);

// The group number of hard links: from the sorted paths of the group, never 0.
uint64_t LinkGroupId(const std::vector<std::string>& sorted_paths);

}  // namespace kasane

#endif  // KASANE_SRC_TREE_ENTRY_H_
