#include "src/steps/run_aside.h"

#include <fcntl.h>
#include <stdlib.h>
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

// Whether all that lies in the regions leads to caches or lies in one, and no file elsewhere could be a
// source of the tool's, of which nothing must be kept if it is old.
bool HoldsCachesAlone(const std::string& upper, const WarmCaches& caches) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator at(upper, error), end; !error && at != end; at.increment(error)) {
    const std::string path = at->path().string().substr(upper.size() + 1);
    const auto holds_path = [&](const std::string& place) { return IsAtOrBelow(path, place); };
    if (std::any_of(caches.regions.begin(), caches.regions.end(), holds_path)) {
      const bool is_directory = at->symlink_status(error).type() == fs::file_type::directory;
      if (!is_directory || std::none_of(caches.paths.begin(), caches.paths.end(),
                                        [&](const std::string& cache) { return IsAtOrBelow(cache, path); })) {
        return false;
      }
      if (std::find(caches.paths.begin(), caches.paths.end(), path) != caches.paths.end())
        at.disable_recursion_pending();
      continue;
    }
    for (const std::string& suffix : caches.tool.sources) {
      if (absl::EndsWith(path, suffix)) return false;
    }
  }
  return !error;
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
  return HoldsCachesAlone(upper, caches);
}

// Adds the regions' directories below `directory`, whose files are moved away, to the state.
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
  ASSIGN_OR_RETURN(const UniqueFd lock, LockWarmStates(*store));
  if (absl::StatusOr<WarmState> now = LoadWarmState(*store, caches->state.key); now.ok())
    caches->state = *std::move(now);
  return AddToTree(store, from, caches->regions, &caches->state);
}

bool HasUnread(const Store& store, const Digest& state, size_t region) {
  return PathExists(absl::StrCat(UnreadWarmCaches(store, state), "/", region));
}

absl::Status TakeInUnread(Store* store, const std::vector<std::string>& regions, WarmState* state) {
  const std::string unread = UnreadWarmCaches(*store, state->key);
  if (!state->tree.empty() && !PathExists(unread)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const UniqueFd lock, LockWarmStates(*store));
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
