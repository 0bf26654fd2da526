#include "src/steps/run_resources.h"

#include <sys/stat.h>

#include <cstdio>
#include <utility>

#include "src/base/status.h"

namespace kasane {
namespace {

uint32_t Or(int64_t value, uint32_t fallback) { return value < 0 ? fallback : static_cast<uint32_t>(value); }

bool IsFile(const MountedTree& mounted) {
  const Node* node = mounted.tree.Lookup(mounted.source);
  return node != nullptr && !node->entry.is_directory();
}

// False: there is nothing to mount.
bool MakeMount(const MountSpec& from, const MountedTree* tree, const BuildSecrets& secrets,
               SandboxMount* mount) {
  mount->target = from.target;
  mount->read_only = from.read_only;
  if (from.type == "bind") {
    mount->tree = tree->tree;
    mount->source = tree->source;
    return true;
  }
  if (from.type == "cache" || from.type == "ssh") {
    mount->kind = SandboxMount::Kind::kHost;
    mount->is_file = from.type == "ssh" || (tree != nullptr && IsFile(*tree));
  } else if (from.type == "tmpfs") {
    mount->kind = SandboxMount::Kind::kTmpfs;
    mount->size = from.size;
  } else {
    mount->kind = SandboxMount::Kind::kFile;
    mount->mode = Or(from.mode, 0400) & 0777;
    mount->uid = Or(from.uid, 0);
    mount->gid = Or(from.gid, 0);
  }
  const bool may_lack = from.type == "secret" || from.type == "ssh";
  return !from.target.empty() && (!may_lack || IsGiven(from, secrets));
}

}  // namespace

absl::Status AddRunMounts(const RunSpec& spec, const RunMounts& mounts, const BuildSecrets& secrets,
                          SandboxOptions* options) {
  for (size_t i = 0; i < spec.mounts.size(); ++i) {
    const MountedTree* tree = mounts.Find(i);
    if (spec.mounts[i].type == "bind" && tree == nullptr) {
      return absl::InvalidArgumentError("a bind mount needs a tree");
    }
    SandboxMount mount;
    mount.index = i;
    if (MakeMount(spec.mounts[i], tree, secrets, &mount)) options->mounts.push_back(std::move(mount));
  }
  return absl::OkStatus();
}

absl::StatusOr<RunResources> TakeRunResources(const RunSpec& spec, const RunMounts& mounts,
                                              const BuildSecrets& secrets, Store* store,
                                              SandboxOptions* options) {
  RunResources out;
  if (spec.mounts.empty()) return out;
  // Secrets first: nobody waits for a cache only to be told that one is missing.
  ASSIGN_OR_RETURN(out.secrets, ReadRunSecrets(spec, secrets, store));
  for (const std::string& notice : out.secrets.notices) fprintf(stderr, "kasane: %s\n", notice.c_str());
  ASSIGN_OR_RETURN(out.caches, LeaseRunCaches(store, spec, mounts));
  for (SandboxMount& mount : options->mounts) {
    if (mount.index >= spec.mounts.size()) continue;  // a device's
    const std::string& type = spec.mounts[mount.index].type;
    if (type == "cache") {
      mount.path = out.caches.paths.at(mount.index);
      struct stat info;
      mount.is_file = lstat(mount.path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
    }
    if (type == "ssh") mount.path = out.secrets.sockets.at(mount.index);
    if (type == "secret") mount.content = std::move(out.secrets.values.at(mount.index));
  }
  options->env.insert(options->env.end(), out.secrets.env.begin(), out.secrets.env.end());
  return out;
}

}  // namespace kasane
