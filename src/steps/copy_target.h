// The tree that a COPY writes into: the tree below the step, with what the step has made so far on top.
#ifndef KASANE_SRC_STEPS_COPY_TARGET_H_
#define KASANE_SRC_STEPS_COPY_TARGET_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/context/select.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

class CopyTarget : private PathView {
 public:
  explicit CopyTarget(const Tree& below) : below_(below) {}

  // What is at a path (relative, clean, resolved); null: nothing. Valid until the next Put of that path.
  const Entry* Find(const std::string& path);
  // Where a path leads, inside this tree: links followed, a missing rest kept.
  absl::StatusOr<std::string> Resolve(absl::string_view path);
  // Puts an entry where nothing is, in place of a non-directory, or of a directory by a directory. The parent
  // exists. `link`: entries of the same number, not 0, are hard links of one file; Entry::link_group is not
  // used.
  void Put(std::string path, Entry entry, uint64_t link = 0);
  // Puts an entry in place of a directory and of all that is in it. Not the root.
  void Replace(const std::string& path, Entry entry, uint64_t link = 0);
  // A number for hard links that is not in use yet; the one that a path was put with, or 0.
  uint64_t NewLink() { return ++last_link_; }
  uint64_t LinkOf(const std::string& path) const;
  // Makes the directory and its missing parents like `made`. As in a kernel, what is made in a set-gid
  // directory is set-gid too and, unless the owner was asked for (`owned`), has its group (measured:
  // BuildKit's COPY and WORKDIR). The message of a failure is for the user.
  absl::Status MakeDirs(const std::string& path, const Entry& made, bool owned);

  // Something that was asked for is a gap (src/tree/gap.h).
  bool met_gap() const { return met_gap_; }
  // Appends all that Find has learned from the tree below: paths, and entries without the mtimes of
  // directories. With the same arguments and the same answers, the same delta comes out.
  void DescribeMet(std::string* out) const;

  // What a layer of BuildKit's holds after the same copy: everything that is not as it was below, and the
  // directories above it, as implied entries if they did not change. A file put over an equal one of the same
  // mtime is no change, the mtime of a directory alone neither; the root is never in it.
  // What was put is used up.
  absl::StatusOr<Delta> Finish();

 private:
  struct Made {
    std::string path;
    Entry entry;
    uint64_t link = 0;
    bool fresh = false;  // nothing of what was there below is left
    bool hides = false;  // what was there below is a directory, and nothing of it is left
    bool gone = false;   // with a directory that was replaced
  };

  Handle Root() const override;
  Info Get(Handle entry) const override;
  Handle Child(Handle directory, absl::string_view path, absl::string_view name) const override;
  const Entry* Below(const std::string& path) const;
  const Entry* At(const std::string& path) const;  // not of the root
  // Null: nothing has been put there.
  const Made* MadeAt(absl::string_view path) const;
  Made* MakeAt(std::string path);
  bool HasChanged(const Made& made) const;  // what was there below, if anything was

  const Tree& below_;
  struct PathOf {  // of what at_ holds and is asked for
    using is_transparent = void;
    static absl::string_view Get(absl::string_view path) { return path; }
    static absl::string_view Get(const Made* made) { return made->path; }
    template <typename T>
    size_t operator()(const T& value) const {
      return absl::HashOf(Get(value));
    }
    template <typename T, typename U>
    bool operator()(const T& a, const U& b) const {
      return Get(a) == Get(b);
    }
  };

  // In the order in which they came, which mostly is that of a delta. A block has kBlock of them, and its
  // place.
  std::vector<std::vector<Made>> made_;
  absl::flat_hash_set<Made*, PathOf, PathOf> at_;    // those that are not gone, by their paths
  mutable std::map<std::string, const Entry*> met_;  // of the tree below; null: absent
  mutable bool met_gap_ = false;
  uint64_t last_link_ = 0;
};

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COPY_TARGET_H_
