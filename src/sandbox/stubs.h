// Mount points that the tree below a RUN lacks.
#ifndef KASANE_SRC_SANDBOX_STUBS_H_
#define KASANE_SRC_SANDBOX_STUBS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/sandbox/freeze.h"
#include "src/sandbox/mounts.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

// What must be there to be mounted on but is not in the tree: shown by lowerfs, so that it is never in the
// upper directory and needs no cleaning up.
struct Stubs {
  std::vector<DeltaEntry> entries;
  std::string hosts_target, resolv_target;  // where /etc/hosts and /etc/resolv.conf are, links resolved
  FreezeOptions freeze;                     // stub_directories, stub_files and left_behind are set
};

// Sets SandboxMount::missing. kAborted: a target of `mounts` cannot be a mount point, which is the user's
// affair. Directories that are made above or at `workdir` belong to `uid` and `gid`: BuildKit makes the
// working directory first.
absl::StatusOr<Stubs> MakeStubs(const Tree& below, std::vector<SandboxMount>* mounts,
                                const std::string& workdir, uint32_t uid, uint32_t gid);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_STUBS_H_
