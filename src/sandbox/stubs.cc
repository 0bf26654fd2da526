#include "src/sandbox/stubs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

class StubMaker {
 public:
  StubMaker(const Tree& below, const std::string& workdir, uint32_t uid, uint32_t gid)
      : below_(below), workdir_(workdir), uid_(uid), gid_(gid) {}

  absl::StatusOr<Stubs> Make(std::vector<SandboxMount>* mounts) {
    ASSIGN_OR_RETURN(stubs_.hosts_target, AddTarget("/etc/hosts", true, nullptr));
    ASSIGN_OR_RETURN(stubs_.resolv_target, AddTarget("/etc/resolv.conf", true, nullptr));
    for (SandboxMount& mount : *mounts) {
      ASSIGN_OR_RETURN(const bool is_file, IsFileMount(mount));
      absl::StatusOr<std::string> target = AddTarget(mount.target, is_file, &mount.missing);
      if (target.ok()) continue;
      return absl::AbortedError(
          absl::StrCat("cannot mount on ", mount.target, ": ", target.status().message()));
    }
    for (const char* path : {"dev", "proc", "sys"}) {
      if (below_.Lookup(path) != nullptr) continue;
      Add(path, EntryType::kDirectory);
      // BuildKit removes all that it found missing on the way to a mount of its own.
      const auto& made = stubs_.freeze.stub_directories;
      if (std::find(made.begin(), made.end(), path) == made.end())
        stubs_.freeze.left_behind.emplace_back(path);
    }
    return std::move(stubs_);
  }

 private:
  // False: it was made before.
  bool Add(const std::string& path, EntryType type) {
    for (const DeltaEntry& known : stubs_.entries) {
      if (known.path == path) return false;
    }
    DeltaEntry delta;
    delta.path = path;
    delta.entry.type = type;
    delta.entry.mode = type == EntryType::kDirectory ? 0755 : 0644;
    if (type == EntryType::kFile) delta.entry.content = Sha256Of("");
    const std::string absolute = absl::StrCat("/", path);
    if (workdir_ == absolute || absl::StartsWith(workdir_, absolute + "/")) {
      delta.entry.uid = uid_;
      delta.entry.gid = gid_;
    }
    stubs_.entries.push_back(std::move(delta));
    return true;
  }

  void AddDirectory(const std::string& path) {
    if (below_.Lookup(path) != nullptr || !Add(path, EntryType::kDirectory)) return;
    stubs_.freeze.stub_directories.push_back(path);
  }

  // Where `path` leads in the tree, made if it is missing; absolute.
  absl::StatusOr<std::string> AddTarget(const std::string& path, bool is_file, bool* missing) {
    ASSIGN_OR_RETURN(const std::string target, below_.Resolve(path));
    if (missing != nullptr) *missing = below_.Lookup(target) == nullptr;
    if (below_.Lookup(target) == nullptr) {
      for (size_t slash = target.find('/'); slash != std::string::npos; slash = target.find('/', slash + 1)) {
        AddDirectory(target.substr(0, slash));
      }
      if (is_file) {
        if (Add(target, EntryType::kFile)) stubs_.freeze.stub_files.push_back(target);
      } else {
        AddDirectory(target);
      }
    }
    return absl::StrCat("/", target);
  }

  const Tree& below_;
  const std::string& workdir_;
  const uint32_t uid_, gid_;
  Stubs stubs_;
};

}  // namespace

absl::StatusOr<Stubs> MakeStubs(const Tree& below, std::vector<SandboxMount>* mounts,
                                const std::string& workdir, uint32_t uid, uint32_t gid) {
  return StubMaker(below, workdir, uid, gid).Make(mounts);
}

}  // namespace kasane
