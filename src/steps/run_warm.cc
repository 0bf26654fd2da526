#include "src/steps/run_warm.h"

#include <unistd.h>

#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/real_path.h"
#include "src/base/status.h"
#include "src/steps/common_gaps.h"
#include "src/tree/directory.h"
#include "src/tree/gap.h"

namespace kasane {
namespace {

constexpr int kStateVersion = 2;

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

}  // namespace

bool WarmOffer::has_taken() const {
  return std::any_of(tools.begin(), tools.end(),
                     [](const WarmCaches& caches) { return !caches.taken.path().empty(); });
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
    PutVarint(&key, geteuid());  // files belong to whom they belong on this machine
    caches.uid = options.uid, caches.gid = options.gid;
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
    if (std::any_of(caches.regions.begin(), caches.regions.end(), [&](const std::string& region) {
          return below.Lookup(region) != nullptr && !WarmLayersHold(*context.store, caches.state, region);
        })) {
      continue;
    }
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
    if (!caches.state.layers.empty()) {
      ASSIGN_OR_RETURN(caches.use, UseWarmLayers(*store, &caches.state));
    }
    const std::vector<WarmLayer>& layers = caches.state.layers;
    for (const WarmLayer& layer : std::views::reverse(layers))
      offer->layers.push_back(WarmLayerPath(*store, caches.state.key, layer));
    for (const std::string& region : caches.regions) {
      if (WarmLayersHold(*store, caches.state, region)) {
        DeltaEntry way;
        way.path = region;
        way.entry.type = EntryType::kDirectory;
        way.entry.mode = 0755;
        way.entry.uid = caches.uid, way.entry.gid = caches.gid;
        shown.push_back(std::move(way));
      } else if (below.Lookup(region) != nullptr) {
        return GapMet(region);
      }
    }
  }
  ASSIGN_OR_RETURN(offer->shown, Delta::FromEntries(std::move(shown)));
  return absl::OkStatus();
}

void DropWarmCaches(const StepContext& context, const WarmOffer& offer) {
  for (const WarmCaches& caches : offer.tools)
    DropWarmLayers(context.store, caches.state).IgnoreError();  // then it is dropped the next time
}

void RefuseWarmCaches(const StepContext& context, const WarmOffer& offer) {
  for (const WarmCaches& caches : offer.tools)
    RefuseWarmState(*context.store, caches.state, context.args.spec).IgnoreError();  // then it is tried again
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
