#include "src/steps/run_warm.h"

#include <algorithm>
#include <ctime>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/real_path.h"
#include "src/base/status.h"
#include "src/steps/common_gaps.h"
#include "src/steps/run_aside.h"
#include "src/store/tree_store.h"
#include "src/tree/directory.h"
#include "src/tree/gap.h"

namespace kasane {
namespace {

constexpr int kStateVersion = 1;

// The last of them counts, as in a process.
absl::string_view Variable(const std::vector<std::string>& env, absl::string_view name) {
  absl::string_view value;
  for (const std::string& variable : env) {
    if (variable.size() > name.size() && variable[name.size()] == '=' && absl::StartsWith(variable, name))
      value = absl::string_view(variable).substr(name.size() + 1);
  }
  return value;
}

// The path that the first alternative means whose variable is set; "" if there is none.
std::string CachePath(const std::vector<std::string>& alternatives, const std::vector<std::string>& env) {
  for (const std::string& text : alternatives) {
    if (!absl::StartsWith(text, "$")) return CleanPath(text);
    const size_t end = std::min(text.find('/'), text.size());
    const absl::string_view value = Variable(env, absl::string_view(text).substr(1, end - 1));
    if (value.empty()) continue;
    // A list of directories, or one that hangs on where the program is.
    if (!absl::StartsWith(value, "/") || absl::StrContains(value, ':')) return "";
    return CleanPath(absl::StrCat(value, text.substr(end)));
  }
  return "";
}

absl::StatusOr<Tree> WithoutGaps(const Tree& tree, const std::vector<std::string>& gaps) {
  std::vector<DeltaEntry> entries;
  for (const std::string& gap : gaps) {
    const Node* node = tree.Lookup(gap);
    if (node == nullptr || !IsGap(node->entry)) continue;
    DeltaEntry entry;
    entry.path = gap;
    entry.whiteout = true;
    entries.push_back(std::move(entry));
  }
  ASSIGN_OR_RETURN(const Delta delta, Delta::FromEntries(std::move(entries)));
  return tree.Apply(delta);
}

bool IsMounted(const SandboxOptions& options, absl::string_view path) {
  for (const SandboxMount& mount : options.mounts) {
    if (Overlap(absl::string_view(mount.target).substr(1), path)) return true;
  }
  return false;
}

std::string TopmostMissing(const Tree& tree, absl::string_view path) {
  for (size_t end = path.find('/');; end = path.find('/', end + 1)) {
    std::string part(path.substr(0, end));
    if (end == absl::string_view::npos || tree.Lookup(part) == nullptr) return part;
  }
}

// Appends the caches as they are in the state. All is new: a tool may take note of what it uses that is old.
absl::Status AddShown(const Store& store, const WarmCaches& caches, std::vector<DeltaEntry>* out) {
  ASSIGN_OR_RETURN(const Tree tree, LoadTree(store, caches.state.tree));
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  tree.Walk([&](const std::string& path, const Node& node) {
    bool within = false, above = false;
    for (const std::string& region : caches.regions) {
      within |= IsAtOrBelow(path, region);
      above |= IsAtOrBelow(region, path);
    }
    if (!within) return above;
    DeltaEntry entry;
    entry.path = path;
    entry.entry = node.entry;
    entry.entry.mtime = {now.tv_sec, static_cast<uint32_t>(now.tv_nsec)};
    out->push_back(std::move(entry));
    return true;
  });
  return tree.status();
}

bool IsIn(absl::string_view path, const std::vector<std::string>& places) {
  for (const std::string& place : places) {
    if (IsAtOrBelow(path, place)) return true;
  }
  return false;
}

bool IsOldSource(const WarmTool& tool, const DeltaEntry& made, const absl::optional<absl::Time>& started) {
  if (made.whiteout || !made.entry.is_file()) return false;
  if (std::none_of(tool.sources.begin(), tool.sources.end(),
                   [&](const std::string& end) { return absl::EndsWith(made.path, end); })) {
    return false;
  }
  const Timestamp& time = made.entry.mtime;
  return !started.has_value() ||
         absl::FromUnixSeconds(time.seconds) + absl::Nanoseconds(time.nanoseconds) < *started;
}

}  // namespace

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

bool WarmOffer::has_aside() const {
  return std::any_of(tools.begin(), tools.end(),
                     [](const WarmCaches& caches) { return !caches.aside.path().empty(); });
}

std::vector<WarmWatch::Place> WarmOffer::places() const {
  std::vector<WarmWatch::Place> places;
  for (const WarmCaches& caches : tools) {
    for (const std::string& region : caches.regions) places.push_back({region, caches.tool.name});
  }
  return places;
}

absl::StatusOr<WarmOffer> OfferWarmCaches(const RunSpec& spec, const StepContext& context,
                                          const Profiles& profiles, const SandboxOptions& options,
                                          const Tree& below, const Digest& base) {
  WarmOffer offer;
  ASSIGN_OR_RETURN(const std::vector<std::string> gaps, GapsOf(context.args.below));
  ASSIGN_OR_RETURN(const Tree whole, WithoutGaps(below, gaps));
  const std::string project = RealPath(context.args.dir);
  std::set<std::string> taken;
  for (const WarmTool& tool : profiles.warm_tools()) {
    WarmCaches caches;
    caches.tool = tool;
    std::string key;
    PutBytes(&key, "warm state");
    PutVarint(&key, kStateVersion);
    for (const std::string& text : {tool.name, project, spec.platform}) PutBytes(&key, text);
    PutBytes(&key, base.bytes());
    PutVarint(&key, options.uid);
    PutVarint(&key, options.gid);
    std::set<std::string> regions;
    for (const std::vector<std::string>& alternatives : tool.caches) {
      const std::string named = CachePath(alternatives, options.env);
      const absl::StatusOr<std::string> path = named.empty() ? "" : whole.Resolve(named);
      if (!path.ok() || path->empty()) continue;
      PutBytes(&key, *path);
      const Node* node = whole.Lookup(*path);
      if (node != nullptr) {  // the tool finds that there; its other caches may tell of it
        if (node->directory != nullptr) PutBytes(&key, node->directory->digest().bytes());
        continue;
      }
      const std::string region = TopmostMissing(whole, *path);
      if (IsMounted(options, region) || taken.count(region) > 0) continue;
      PutBytes(&key, region);
      caches.paths.push_back(*path);
      regions.insert(region);
    }
    if (regions.empty()) continue;
    taken.insert(regions.begin(), regions.end());
    caches.regions.assign(regions.begin(), regions.end());
    caches.state.key = Sha256Of(key);
    absl::StatusOr<WarmState> state = LoadWarmState(*context.store, caches.state.key);
    if (state.ok()) caches.state = *std::move(state);
    caches.state.tool = tool.name;
    caches.state.project = project;
    // A gap can be covered by what belongs there, and by nothing else.
    Tree tree;
    if (!caches.state.tree.empty()) {
      absl::StatusOr<Tree> loaded = LoadTree(*context.store, caches.state.tree);
      if (loaded.ok()) tree = *std::move(loaded);
    }
    bool covered = true;
    for (size_t i = 0; i < caches.regions.size(); ++i) {
      covered &= below.Lookup(caches.regions[i]) == nullptr || tree.Lookup(caches.regions[i]) != nullptr ||
                 HasUnread(*context.store, caches.state.key, i);
    }
    if (!covered) continue;
    PutBytes(&offer.key, tool.name);
    for (const std::string& path : caches.paths) PutBytes(&offer.key, path);
    for (const std::string& region : caches.regions) PutBytes(&offer.key, region);
    offer.tools.push_back(std::move(caches));
  }
  PutBytes(&offer.key, base.bytes());
  RETURN_IF_ERROR(whole.status());
  return offer;
}

absl::Status ShowWarmCaches(Store* store, const Tree& below, WarmOffer* offer) {
  std::vector<DeltaEntry> shown;
  for (WarmCaches& caches : offer->tools) {
    RETURN_IF_ERROR(TakeInUnread(store, caches.regions, &caches.state));
    std::vector<DeltaEntry> found;
    if (!caches.state.tree.empty() && !AddShown(*store, caches, &found).ok()) {
      caches.state.tree = Digest();
      found.clear();
    }
    for (const std::string& region : caches.regions) {
      const auto is_it = [&](const DeltaEntry& entry) { return entry.path == region; };
      if (below.Lookup(region) != nullptr && std::none_of(found.begin(), found.end(), is_it))
        return GapMet(region);
    }
    shown.insert(shown.end(), found.begin(), found.end());
  }
  ASSIGN_OR_RETURN(offer->shown, Delta::FromEntries(std::move(shown)));
  return absl::OkStatus();
}

absl::Status HarvestWarmCaches(Store* store, const Profiles& profiles, const Trace& trace, const Tree& below,
                               absl::optional<absl::Time> started, WarmOffer* offer, Delta* delta,
                               std::vector<std::string>* gaps) {
  std::vector<DeltaEntry> rest;
  std::vector<std::vector<DeltaEntry>> left(offer->tools.size());
  for (const DeltaEntry& entry : delta->entries()) {
    size_t i = 0;
    while (i < offer->tools.size() && !IsIn(entry.path, offer->tools[i].regions)) ++i;
    if (i == offer->tools.size()) {
      for (const WarmCaches& caches : offer->tools) {
        if (IsOldSource(caches.tool, entry, started))
          return absl::CancelledError(absl::StrCat("/", entry.path, " was made with a time of before"));
      }
      rest.push_back(entry);
      continue;
    }
    const WarmCaches& caches = offer->tools[i];
    bool leads_to_one = false;
    for (const std::string& path : caches.paths) leads_to_one |= Overlap(path, entry.path);
    if (!leads_to_one) {
      return absl::CancelledError(
          absl::StrCat("/", entry.path, " was made beside the caches of ", caches.tool.name));
    }
    left[i].push_back(entry);
  }
  std::vector<Tree> trees;
  for (size_t i = 0; i < offer->tools.size(); ++i) {
    const WarmCaches& caches = offer->tools[i];
    const std::string stranger = Stranger(profiles, caches.tool, trace.processes);
    if (!stranger.empty()) {
      return absl::CancelledError(absl::StrCat(stranger, " ran beside ", caches.tool.name));
    }
    Tree tree;  // of what is set aside: the directories that stand for it
    if (!caches.state.tree.empty()) {
      ASSIGN_OR_RETURN(tree, LoadTree(*store, caches.state.tree));
    }
    ASSIGN_OR_RETURN(const Delta changes, Delta::FromEntries(std::move(left[i])));
    ASSIGN_OR_RETURN(tree, tree.Apply(changes));
    trees.push_back(std::move(tree));
  }
  for (size_t i = 0; i < offer->tools.size(); ++i) {
    WarmCaches& caches = offer->tools[i];
    for (const std::string& region : caches.regions) {
      if (trees[i].Lookup(region) == nullptr) continue;
      gaps->push_back(region);
      const Node* there = below.Lookup(region);
      if (there != nullptr) continue;  // a gap already
      DeltaEntry gap;
      gap.path = region;
      gap.entry = GapEntry();
      rest.push_back(std::move(gap));
    }
    RETURN_IF_ERROR(caches.aside.path().empty() ? SaveWarmTree(store, trees[i], &caches.state)
                                                : KeepUnread(store, &caches));
  }
  std::sort(gaps->begin(), gaps->end());
  ASSIGN_OR_RETURN(*delta, Delta::FromEntries(std::move(rest)));
  return absl::OkStatus();
}

void DropWarmCaches(const StepContext& context, const WarmOffer& offer) {
  for (const WarmCaches& caches : offer.tools) {
    WarmState state = caches.state;
    state.tree = Digest();
    state.bytes = 0;
    SaveWarmState(*context.store, state).IgnoreError();  // then it is dropped the next time
  }
}

void RefuseWarmCaches(const StepContext& context, const WarmOffer& offer) {
  for (const WarmCaches& caches : offer.tools) {
    WarmState state = caches.state;
    state.refused.push_back(context.args.spec);
    SaveWarmState(*context.store, state).IgnoreError();  // then it is tried again
  }
}

bool IsRefused(const StepContext& context, const WarmOffer& offer) {
  for (const WarmCaches& caches : offer.tools) {
    for (const Digest& spec : caches.state.refused) {
      if (spec == context.args.spec) return true;
    }
  }
  return false;
}

}  // namespace kasane
