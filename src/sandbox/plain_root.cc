#include "src/sandbox/plain_root.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/sandbox/lowerfs_nodes.h"
#include "src/sandbox/mounts.h"
#include "src/store/write_tree.h"

namespace kasane {
namespace {

const WriteTreeOptions kAsShown = {kDirectoryTime, true};

absl::Status CopyMount(const Store& store, const SandboxMount& mount, const std::string& root) {
  const std::string target = JoinPath(root, mount.source);
  RETURN_IF_ERROR(MakeDirs(mount.source.empty() ? root : JoinPath(root, Dirname(mount.source)), 0755));
  const Node* node = mount.tree.Lookup(mount.source);
  if (node != nullptr && !node->entry.is_directory())
    return WriteTreeFile(store, mount.tree, mount.source, target, kAsShown);
  RETURN_IF_ERROR(MakeDirs(target, 0755));
  return WriteTree(store, mount.tree, mount.source, target, kAsShown);
}

}  // namespace

std::string WhyNoLayers() {
  if (!OpenFile("/dev/fuse", O_RDWR).ok()) return "there is no /dev/fuse that can be opened";
  // The kernel looks for a module of that name.
  const UniqueFd overlay(static_cast<int>(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  return !overlay.valid() && errno == ENODEV ? "this kernel knows no overlayfs" : "";
}

absl::Status CopyTrees(const Store& store, const Tree& shown, const SandboxOptions& options,
                       const std::string& scratch) {
  const std::string root = absl::StrCat(scratch, "/upper");
  RETURN_IF_ERROR(MakeDirs(root, 0755));
  RETURN_IF_ERROR(WriteTree(store, shown, "", root, kAsShown));
  if (options.observer != nullptr) options.observer->OnWholeTree();
  for (size_t i = 0; i < options.mounts.size(); ++i) {
    const SandboxMount& mount = options.mounts[i];
    if (mount.kind != SandboxMount::Kind::kTree) continue;
    RETURN_IF_ERROR(CopyMount(store, mount, absl::StrCat(scratch, "/", PlaceOfMount(i), "/root")));
    if (mount.observer != nullptr) mount.observer->OnWholeTree();
  }
  return absl::OkStatus();
}

}  // namespace kasane
