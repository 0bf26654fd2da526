#include "src/steps/run_aside.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/base/timeline.h"
#include "src/sandbox/freeze.h"
#include "src/sandbox/user_namespace.h"
#include "src/steps/common_gaps.h"
#include "src/store/tree_store.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {
namespace {

bool IsDirectory(const std::string& path) {
  struct stat st;
  return lstat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

// True if nothing lies beside the caches in the directory `path` of upper, which is above all of them or one
// of them.
bool LeadsToCachesOnly(const std::string& upper, const std::string& path,
                       const std::vector<std::string>& caches) {
  if (std::find(caches.begin(), caches.end(), path) != caches.end()) return true;
  DIR* dir = opendir(JoinPath(upper, path).c_str());
  if (dir == nullptr) return false;
  bool only = true;
  while (const dirent* entry = only ? readdir(dir) : nullptr) {
    const absl::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string below = absl::StrCat(path, "/", name);
    only = std::any_of(caches.begin(), caches.end(),
                       [&](const std::string& cache) { return IsAtOrBelow(cache, below); }) &&
           IsDirectory(JoinPath(upper, below)) && LeadsToCachesOnly(upper, below, caches);
  }
  closedir(dir);
  return only;
}

// True if a file outside of the regions could be a source of the tool's, which nothing must be kept of if it
// is old.
bool HoldsSources(const std::string& upper, const WarmCaches& caches) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator at(upper, error), end; !error && at != end; at.increment(error)) {
    const std::string path = at->path().string().substr(upper.size() + 1);
    if (std::find(caches.regions.begin(), caches.regions.end(), path) != caches.regions.end())
      at.disable_recursion_pending();
    for (const std::string& suffix : caches.tool.sources) {
      if (absl::EndsWith(path, suffix)) return true;
    }
  }
  return static_cast<bool>(error);
}

// Moves upper's directory `path` to `place` and puts an empty one in its stead, as if nothing had happened to
// the one above.
bool Take(const std::string& upper, const std::string& path, const std::string& place) {
  const std::string full = JoinPath(upper, path), above = JoinPath(upper, Dirname(path));
  struct stat st;
  if (stat(above.c_str(), &st) != 0 || rename(full.c_str(), place.c_str()) != 0) return false;
  if (mkdir(full.c_str(), 0755) != 0) {
    rename(place.c_str(), full.c_str());
    return false;
  }
  const timespec times[2] = {st.st_atim, st.st_mtim};
  utimensat(AT_FDCWD, above.c_str(), times, 0);
  return true;
}

bool MayBeSetAside(const Profiles& profiles, const std::vector<TracedProcess>& processes,
                   const std::string& upper, const WarmCaches& caches) {
  if (!caches.state.tree.empty() || !Stranger(profiles, caches.tool, processes).empty()) return false;
  const bool only = std::all_of(caches.regions.begin(), caches.regions.end(), [&](const std::string& region) {
    const std::string full = JoinPath(upper, region);
    return !PathExists(full) || (IsDirectory(full) && LeadsToCachesOnly(upper, region, caches.paths));
  });
  return only && !HoldsSources(upper, caches);
}

absl::StatusOr<UniqueFd> Lock(const Store& store) {
  const std::string directory = absl::StrCat(store.directory(), "/warm");
  RETURN_IF_ERROR(MakeDirs(directory));
  ASSIGN_OR_RETURN(UniqueFd lock, OpenFile(directory + "/lock", O_RDWR | O_CREAT));
  while (flock(lock.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return ErrnoStatus(errno, absl::StrCat("cannot lock ", directory));
  }
  return lock;
}

// Adds the regions' directories below `directory`, whose files are moved away, to the state as it is now.
absl::Status AddToTree(Store* store, const std::string& directory, const std::vector<std::string>& regions,
                       WarmState* state) {
  Span span("read warm caches");
  ASSIGN_OR_RETURN(const Delta found, FreezeUpper(store, directory, Tree(), FreezeOptions()));
  std::vector<DeltaEntry> entries;
  for (DeltaEntry entry : found.entries()) {
    const size_t end = std::min(entry.path.find('/'), entry.path.size());
    size_t number = 0;
    if (!absl::SimpleAtoi(absl::string_view(entry.path).substr(0, end), &number) || number >= regions.size())
      return absl::InternalError(absl::StrCat(directory, " holds what is no cache"));
    entry.path.replace(0, end, regions[number]);
    entries.push_back(std::move(entry));
  }
  ASSIGN_OR_RETURN(const Delta delta, Delta::FromEntries(std::move(entries)));
  if (absl::StatusOr<WarmState> now = LoadWarmState(*store, state->key); now.ok()) *state = *std::move(now);
  Tree tree;
  if (!state->tree.empty()) {
    if (absl::StatusOr<Tree> known = LoadTree(*store, state->tree); known.ok()) tree = *std::move(known);
  }
  ASSIGN_OR_RETURN(tree, tree.Apply(delta));
  return SaveWarmTree(store, tree, state);
}

}  // namespace

void SetAside(Store* store, const Profiles& profiles, const std::vector<TracedProcess>& processes,
              const std::string& upper, WarmOffer* offer) {
  if (geteuid() != 0 || !InInitialUserNamespace()) return;
  for (const WarmCaches& caches : offer->tools) {
    if (!MayBeSetAside(profiles, processes, upper, caches)) return;
  }
  for (WarmCaches& caches : offer->tools) {
    absl::StatusOr<ScratchDir> scratch = store->NewScratch();
    if (!scratch.ok() || mkdir(absl::StrCat(scratch->path(), "/new").c_str(), 0755) != 0) return;
    bool taken = false;
    for (size_t i = 0; i < caches.regions.size(); ++i)
      taken |= Take(upper, caches.regions[i], absl::StrCat(scratch->path(), "/new/", i));
    if (taken) caches.aside = *std::move(scratch);
  }
}

absl::Status KeepUnread(Store* store, WarmCaches* caches) {
  if (!LoadWarmState(*store, caches->state.key).ok()) RETURN_IF_ERROR(SaveWarmState(*store, caches->state));
  const std::string from = absl::StrCat(caches->aside.path(), "/new");
  const std::string to = UnreadWarmCaches(*store, caches->state.key);
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return absl::OkStatus();
  if (errno != EEXIST) return ErrnoStatus(errno, absl::StrCat("cannot create ", to));
  // Another RUN of the project was as early as this one.
  ASSIGN_OR_RETURN(const UniqueFd lock, Lock(*store));
  return AddToTree(store, from, caches->regions, &caches->state);
}

bool HasUnread(const Store& store, const Digest& state, size_t region) {
  return PathExists(absl::StrCat(UnreadWarmCaches(store, state), "/", region));
}

absl::Status TakeInUnread(Store* store, const std::vector<std::string>& regions, WarmState* state) {
  const std::string unread = UnreadWarmCaches(*store, state->key);
  if (!state->tree.empty() && !PathExists(unread)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const UniqueFd lock, Lock(*store));
  absl::StatusOr<WarmState> now = LoadWarmState(*store, state->key);
  if (!now.ok()) return absl::OkStatus();
  *state = *std::move(now);
  ASSIGN_OR_RETURN(const ScratchDir scratch, store->NewScratch());
  const std::string taken = absl::StrCat(scratch.path(), "/taken");
  if (rename(unread.c_str(), taken.c_str()) != 0) {
    return errno == ENOENT ? absl::OkStatus() : ErrnoStatus(errno, absl::StrCat("cannot take ", unread));
  }
  return AddToTree(store, taken, regions, state);
}

}  // namespace kasane
