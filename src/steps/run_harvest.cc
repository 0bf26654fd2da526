#include "src/steps/run_harvest.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/store/upper_directory.h"
#include "src/store/warm_states.h"
#include "src/tree/gap.h"

namespace kasane {
namespace {

// The name of a program that is no companion of the tool's, or that the tool started and is none of its own;
// "" if there is none.
std::string Stranger(const Profiles& profiles, const WarmTool& tool,
                     const std::vector<TracedProcess>& processes) {
  const auto belongs = [&](const TracedProcess& process) {
    return !process.profile.empty() && profiles.WarmToolOf(process.profile) == tool.name;
  };
  const auto is_one_of = [](const TracedProcess& process, const std::vector<std::string>& names) {
    // A busybox goes by its applet.
    const std::string name(Basename(process.executable));
    return std::find(names.begin(), names.end(), name == "busybox" ? process.name : name) != names.end();
  };
  for (const TracedProcess& process : processes) {
    if (belongs(process) || is_one_of(process, tool.children)) continue;
    const std::string name(Basename(process.executable));
    if (!is_one_of(process, tool.companions)) return name.empty() ? "a program" : name;
    // Parents come before their children.
    for (uint32_t above = process.parent; above != 0; above = processes[above - 1].parent) {
      if (belongs(processes[above - 1])) return name.empty() ? "a program" : name;
    }
  }
  return "";
}

bool IsOldSource(const WarmTool& tool, const std::string& path, const absl::optional<absl::Time>& started) {
  struct stat st;
  if (std::none_of(tool.sources.begin(), tool.sources.end(),
                   [&](const std::string& end) { return absl::EndsWith(path, end); }) ||
      lstat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) {
    return false;
  }
  return !started.has_value() || absl::TimeFromTimespec(st.st_mtim) < *started;
}

bool IsInAny(absl::string_view path, const std::vector<std::string>& places) {
  return std::any_of(places.begin(), places.end(),
                     [path](const std::string& place) { return IsAtOrBelow(path, place); });
}

// Why what lies in upper's regions is not to be kept: something else than caches and the way to them, or a
// source elsewhere that the caches may know under a time of before.
std::string WhyUnfit(const std::string& upper, const absl::optional<absl::Time>& started,
                     const WarmCaches& caches) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator at(upper, error), end; !error && at != end; at.increment(error)) {
    const std::string path = at->path().string().substr(upper.size() + 1);
    if (!IsInAny(path, caches.regions)) {
      if (IsOldSource(caches.tool, at->path().string(), started))
        return absl::StrCat("/", path, " was made with a time of before");
      continue;
    }
    const bool is_directory = at->symlink_status(error).type() == fs::file_type::directory;
    if (!is_directory || std::none_of(caches.paths.begin(), caches.paths.end(),
                                      [&](const std::string& cache) { return IsAtOrBelow(cache, path); })) {
      return absl::StrCat("/", path, " was made beside the caches of ", caches.tool.name);
    }
    if (std::find(caches.paths.begin(), caches.paths.end(), path) != caches.paths.end())
      at.disable_recursion_pending();
  }
  return error ? "what it left cannot be read" : "";
}

// Moves upper's directory `path` to `place` and puts an empty one in its stead, as if nothing had happened to
// the one above.
absl::Status Take(const std::string& upper, const std::string& path, const std::string& place) {
  const std::string full = JoinPath(upper, path), above = JoinPath(upper, Dirname(path));
  struct stat st;
  if (!PathExists(full)) return absl::OkStatus();
  if (stat(above.c_str(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", above));
  RETURN_IF_ERROR(MakeDirs(std::string(Dirname(place)), 0755));
  if (rename(full.c_str(), place.c_str()) != 0) {
    if (errno != EXDEV) return ErrnoStatus(errno, absl::StrCat("cannot move ", full));
    RETURN_IF_ERROR(LayOnTop(full, place));  // it is in memory
    RETURN_IF_ERROR(RemoveTree(full));
  }
  if (mkdir(full.c_str(), 0755) != 0) return ErrnoStatus(errno, absl::StrCat("cannot create ", full));
  const timespec times[2] = {st.st_atim, st.st_mtim};
  utimensat(AT_FDCWD, above.c_str(), times, 0);
  return absl::OkStatus();
}

absl::Status TakeRegions(Store* store, const std::string& upper, WarmCaches* caches) {
  ASSIGN_OR_RETURN(caches->taken, store->NewScratch());
  const std::string place = absl::StrCat(caches->taken.path(), "/new");
  if (mkdir(place.c_str(), 0755) != 0) return ErrnoStatus(errno, absl::StrCat("cannot create ", place));
  for (const std::string& region : caches->regions)
    RETURN_IF_ERROR(Take(upper, region, JoinPath(place, region)));
  return absl::OkStatus();
}

}  // namespace

void TakeWarmCaches(Store* store, const Profiles& profiles, const std::vector<TracedProcess>& processes,
                    const std::string& upper, absl::optional<absl::Time> started, WarmOffer* offer) {
  for (const WarmCaches& caches : offer->tools) {
    const std::string stranger = Stranger(profiles, caches.tool, processes);
    offer->unfit = stranger.empty() ? WhyUnfit(upper, started, caches)
                                    : absl::StrCat(stranger, " ran beside ", caches.tool.name);
    if (!offer->unfit.empty()) return;
  }
  for (WarmCaches& caches : offer->tools) {
    const absl::Status status = TakeRegions(store, upper, &caches);
    if (status.ok()) continue;
    offer->unfit = std::string(status.message());
    return;
  }
}

absl::Status HarvestWarmCaches(Store* store, const Tree& below, WarmOffer* offer, Delta* delta,
                               std::vector<std::string>* gaps) {
  if (!offer->unfit.empty()) return absl::CancelledError(offer->unfit);
  std::vector<DeltaEntry> rest;
  const auto is_taken = [offer](const DeltaEntry& entry) {
    return std::any_of(offer->tools.begin(), offer->tools.end(),
                       [&entry](const WarmCaches& caches) { return IsInAny(entry.path, caches.regions); });
  };
  for (const DeltaEntry& entry : delta->entries()) {
    if (!is_taken(entry)) rest.push_back(entry);
  }
  for (WarmCaches& caches : offer->tools) {
    const std::string taken = caches.taken.path() + "/new";
    for (const std::string& region : caches.regions) {
      if (!PathExists(JoinPath(taken, region)) && !WarmLayersHold(*store, caches.state, region)) continue;
      gaps->push_back(region);
      if (below.Lookup(region) != nullptr) continue;  // a gap already
      DeltaEntry gap;
      gap.path = region;
      gap.entry = GapEntry();
      rest.push_back(std::move(gap));
    }
    caches.use.reset();
    RETURN_IF_ERROR(AddWarmLayer(store, taken, &caches.state));
  }
  std::sort(gaps->begin(), gaps->end());
  ASSIGN_OR_RETURN(*delta, Delta::FromEntries(std::move(rest)));
  return absl::OkStatus();
}

}  // namespace kasane
