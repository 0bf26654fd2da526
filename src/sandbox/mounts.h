// What RUN --mount adds to the file system of a RUN.
#ifndef KASANE_SRC_SANDBOX_MOUNTS_H_
#define KASANE_SRC_SANDBOX_MOUNTS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/sandbox/observer.h"
#include "src/tree/tree.h"

namespace kasane {

struct SandboxMount {
  enum class Kind {
    kTree,   // a tree of the store, served by a LowerFs of its own
    kHost,   // a part of this machine: a cache, a forwarded agent, what a device brings along
    kTmpfs,  // empty
    kFile,   // a file that lives in memory: a secret
  };
  Kind kind = Kind::kTree;
  std::string target;  // absolute; symlinks in it lead where they lead for the RUN
  bool read_only = false;
  // kTree. What is written goes into an overlay of this mount's own and is thrown away.
  Tree tree;
  std::string source;            // what of the tree: relative, without a symlink in it; "" is all of it
  Observer* observer = nullptr;  // sees what is asked of the tree, paths relative to its root; may be null
  std::function<bool(const SeenNode& directory, const Node& child)> expected;  // see LowerFs::Options
  // kHost: absolute path; whether it is no directory; what more mount(2) is told (MS_NOSUID, ...).
  std::string path;
  bool is_file = false;
  unsigned long flags = 0;
  // kTmpfs: bytes; 0: the kernel's default.
  int64_t size = 0;
  // kFile
  std::string content;
  uint32_t mode = 0400;  // permissions alone
  uint32_t uid = 0;
  uint32_t gid = 0;
  size_t index = 0;      // the caller's own
  bool missing = false;  // set by MakeStubs: the tree below has nothing at `target`
};

// In the order in which they are made: parents first, as BuildKit sorts them; of several with one target the
// last is kept. kAborted: a tree has no such source.
absl::Status SortMounts(std::vector<SandboxMount>* mounts);

// True if the mount shows something that is no directory.
absl::StatusOr<bool> IsFileMount(const SandboxMount& mount);

// What overlayfs shows as the root directory of a mount: its upper directory, which has no copy below
// (soundness.md A6).
struct OverlayRoot {
  uint32_t permissions = 0755;
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<std::pair<std::string, std::string>> xattrs;
  int64_t mtime = 0;
};
OverlayRoot OverlayRootOf(const Tree& tree);

// In the warden, in the RUN's scratch directory: a FUSE mount on "<lower>", whose descriptor goes to `send`.
// `direct`: the RUN itself is given it. Else an overlayfs is, which knows who may do what: if the kernel had
// to decide for the lower one too, it would ask for a stat before each opening.
absl::Status MountLower(const std::string& lower, bool direct, const std::function<void(int fuse)>& send);
// Where the n-th mount of a tree lies in the scratch directory, as "<place>/root".
std::string PlaceOfMount(size_t index);
// Makes "<where>upper" and "<where>work" and mounts them on `target`, on top of `lower`: directories with ':'
// between them, the first on top.
absl::Status MountOverlay(const OverlayRoot& root, const std::string& lower, const std::string& where,
                          const std::string& target, bool root_mode);
// The same, for each mount of a tree: the n-th mount is on "m<n>/root". `where`: "", or "memory/" if upper
// directories cannot be in the scratch directory. `send` is called in the order of `mounts`.
absl::Status MountTrees(const std::vector<SandboxMount>& mounts, const std::string& where, bool root_mode,
                        const std::function<void(int fuse)>& send);

// In the RUN's process, in its root; the working directory is the old root, in which `scratch` (relative) is
// the scratch directory. kAborted: the mounts do not fit what is there, which is the user's affair.
absl::Status MakeMounts(const std::vector<SandboxMount>& mounts, const std::string& scratch, bool guarded);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_MOUNTS_H_
