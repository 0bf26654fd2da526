#include "src/steps/run_caches.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/store/write_tree.h"

namespace kasane {
namespace {

// What a cache holds that is made from a file.
constexpr char kCachedFile[] = "file";

// An owner or mode is given to an empty directory alone; where a source is named, it has its own.
bool HasOwner(const MountSpec& mount) {
  return mount.source.empty() && (mount.mode >= 0 || mount.uid >= 0 || mount.gid >= 0);
}

CacheName NameOf(const MountSpec& mount, const MountedTree* tree) {
  CacheName name;
  name.id = mount.id;
  if (tree != nullptr) name.base = absl::StrCat("tree:", tree->digest.ToHex());
  if (HasOwner(mount)) {
    absl::StrAppend(&name.base, name.base.empty() ? "" : " ",
                    absl::StrFormat("mode=%04o,uid=%d,gid=%d", mount.mode < 0 ? 0755 : mount.mode,
                                    std::max<int64_t>(mount.uid, 0), std::max<int64_t>(mount.gid, 0)));
  }
  return name;
}

absl::Status SetOwner(const MountSpec& mount, const std::string& directory) {
  const auto uid = static_cast<uid_t>(std::max<int64_t>(mount.uid, 0));
  const auto gid = static_cast<gid_t>(std::max<int64_t>(mount.gid, 0));
  const auto mode = static_cast<mode_t>(mount.mode < 0 ? 0755 : mount.mode & 0777);
  if (chown(directory.c_str(), uid, gid) == 0 && chmod(directory.c_str(), mode) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot set the owner of ", directory));
}

absl::StatusOr<CacheRequest> MakeRequest(Store* store, const MountSpec& mount, const MountedTree* tree) {
  CacheRequest request;
  request.name = NameOf(mount, tree);
  request.sharing = mount.sharing == "private"  ? CacheSharing::kPrivate
                    : mount.sharing == "locked" ? CacheSharing::kLocked
                                                : CacheSharing::kShared;
  const std::string id = mount.id;
  request.on_wait = [id] {
    fprintf(stderr, "kasane: waiting for the cache %s, which another RUN has locked\n", id.c_str());
  };
  if (HasOwner(mount)) {
    request.fill = [mount](const std::string& directory) { return SetOwner(mount, directory); };
  } else if (tree != nullptr) {
    const Node* node = tree->tree.Lookup(tree->source);
    if (node == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("the cache ", id, " cannot be made from /", tree->source, ": it is not there"));
    }
    const Tree whole = tree->tree;
    const std::string source = tree->source;
    const bool is_file = !node->entry.is_directory();
    request.fill = [store, whole, source, is_file](const std::string& directory) {
      return is_file ? WriteTreeFile(*store, whole, source, JoinPath(directory, kCachedFile))
                     : WriteTree(*store, whole, source, directory);
    };
  }
  return request;
}

// Where `source` leads inside a cache, whose links may lead anywhere.
absl::StatusOr<std::string> FindInCache(const std::string& directory, const MountSpec& mount) {
  ASSIGN_OR_RETURN(const UniqueFd root, OpenFile(directory, O_PATH | O_DIRECTORY));
  open_how how = {};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const UniqueFd found(
      static_cast<int>(syscall(SYS_openat2, root.get(), mount.source.c_str(), &how, sizeof(how))));
  if (!found.valid()) {
    return ErrnoStatus(errno, absl::StrCat("cannot mount /", mount.source, " of the cache ", mount.id));
  }
  std::string path(4096, '\0');
  const ssize_t size =
      readlink(absl::StrCat("/proc/self/fd/", found.get()).c_str(), path.data(), path.size());
  if (size <= 0) return ErrnoStatus(errno, "cannot read /proc/self/fd");
  path.resize(static_cast<size_t>(size));
  return path;
}

Digest MemoKey(const Digest& key) {
  std::string text;
  PutBytes(&text, "caches of a run");
  PutBytes(&text, key.bytes());
  return Sha256Of(text);
}

}  // namespace

absl::StatusOr<RunCaches> LeaseRunCaches(Store* store, const RunSpec& spec, const RunMounts& mounts) {
  // One use of each, in the order of names: two RUNs that want the same two never wait for each other. The
  // first mount of a name says how it is shared, as in BuildKit.
  std::map<CacheName, CacheRequest> requests;
  for (size_t i = 0; i < spec.mounts.size(); ++i) {
    if (spec.mounts[i].type != "cache") continue;
    const MountedTree* tree = mounts.Find(i);
    ASSIGN_OR_RETURN(CacheRequest request, MakeRequest(store, spec.mounts[i], tree));
    const CacheName name = request.name;
    requests.emplace(name, std::move(request));
  }
  RunCaches out;
  std::map<CacheName, std::string> directories;
  for (const auto& [name, request] : requests) {
    ASSIGN_OR_RETURN(CacheLease lease, LeaseCache(store, request));
    directories[name] = lease.directory();
    out.leases.emplace_back(name, std::move(lease));
  }
  for (size_t i = 0; i < spec.mounts.size(); ++i) {
    const MountSpec& from = spec.mounts[i];
    if (from.type != "cache") continue;
    const MountedTree* tree = mounts.Find(i);
    std::string path = directories.at(NameOf(from, tree));
    // Of a tree the source is all that the cache was made from.
    if (tree != nullptr) {
      const Node* node = tree->tree.Lookup(tree->source);
      if (node != nullptr && !node->entry.is_directory()) path = JoinPath(path, kCachedFile);
    } else if (!from.source.empty()) {
      ASSIGN_OR_RETURN(path, FindInCache(path, from));
    }
    out.paths.emplace(i, std::move(path));
  }
  return out;
}

absl::Status RememberCaches(Store* store, const Digest& key, const RunCaches& caches) {
  if (caches.leases.empty()) return absl::OkStatus();
  Json json = {{"version", 1}, {"caches", Json::array()}};
  for (const auto& [name, lease] : caches.leases) {
    json["caches"].push_back({{"id", name.id}, {"base", name.base}, {"generation", lease.generation()}});
  }
  return store->PutResult(MemoKey(key), DumpJson(json));
}

bool CachesHold(const Store& store, const Digest& key, const RunSpec& spec, const RunMounts& mounts) {
  std::map<CacheName, std::string> used;
  bool read = false;
  for (size_t i = 0; i < spec.mounts.size(); ++i) {
    if (!spec.mounts[i].needed) continue;
    if (!read) {
      const absl::StatusOr<std::string> text = store.GetResult(MemoKey(key));
      const absl::StatusOr<Json> json = text.ok() ? ParseJson(*text, "caches") : text.status();
      if (!json.ok()) return false;
      for (const Json& one : JsonMember(*json, "caches")) {
        used[{JsonString(one, "id"), JsonString(one, "base")}] = JsonString(one, "generation");
      }
      read = true;
    }
    const CacheName name = NameOf(spec.mounts[i], mounts.Find(i));
    const auto then = used.find(name);
    const std::vector<std::string> now = CacheGenerations(store, name);
    if (then == used.end() || std::find(now.begin(), now.end(), then->second) == now.end()) return false;
  }
  return true;
}

}  // namespace kasane
