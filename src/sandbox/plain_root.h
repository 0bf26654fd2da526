// Where layers cannot be shown to a RUN, for want of FUSE or overlayfs, its root file system is a copy of
// what is below it, on which it works; what it changed is found by comparing all of it. What it read nobody
// sees, so all counts as read. Directories show their own size and number of links, and names that share an
// inode below are files of their own.
#ifndef KASANE_SRC_SANDBOX_PLAIN_ROOT_H_
#define KASANE_SRC_SANDBOX_PLAIN_ROOT_H_

#include <string>

#include "absl/status/status.h"
#include "src/sandbox/sandbox.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

// What is missing, for people ("there is no /dev/fuse"); "" if layers can be shown. Of overlayfs only who may
// mount can tell: for others it is there.
std::string WhyNoLayers();

// Makes the copies in the scratch directory, where LaunchPlan::copied says; tells the observers.
absl::Status CopyTrees(const Store& store, const Tree& shown, const SandboxOptions& options,
                       const std::string& scratch);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_PLAIN_ROOT_H_
