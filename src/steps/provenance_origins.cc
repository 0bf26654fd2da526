#include "src/steps/provenance_origins.h"

#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/contract/spec_file.h"
#include "src/steps/run_mounts_context.h"
#include "src/steps/run_why.h"
#include "src/store/tree_store.h"
#include "src/trace/path_set.h"
#include "src/trace/trace.h"

namespace kasane {
namespace {

// What makes a path an input: something of the file itself was learnt, not that it is there or who owns it.
constexpr uint32_t kLearnt =
    fact::kContent | fact::kLink | fact::kGoHeader | fact::kSize | fact::kTime | fact::kTree;

std::string Join(absl::string_view above, absl::string_view path) {
  return above.empty()  ? std::string(path)
         : path.empty() ? std::string(above)
                        : absl::StrCat(above, "/", path);
}

// How many bytes the ends of two paths share.
size_t SharedEnd(absl::string_view a, absl::string_view b) {
  size_t n = 0;
  while (n < a.size() && n < b.size() && a[a.size() - 1 - n] == b[b.size() - 1 - n]) ++n;
  return n;
}

bool SameThing(const Entry& a, EntryType type, const Digest& content, absl::string_view link_target) {
  if (a.type != type) return false;
  return a.is_file() ? a.content == content : a.is_symlink() && a.link_target == link_target;
}

// What is the same for two entries that may be copies of each other.
std::string ContentKey(EntryType type, const Digest& content, const std::string& link_target) {
  return type == EntryType::kFile ? content.ToHex() : type == EntryType::kSymlink ? ">" + link_target : "";
}

// A word of a COPY up to its first wildcard's component, without slashes at its ends.
std::string FixedPart(absl::string_view word) {
  const size_t wild = word.find_first_of("*?[\\");
  if (wild != absl::string_view::npos) {
    const size_t slash = word.rfind('/', wild);
    word = word.substr(0, slash == absl::string_view::npos ? 0 : slash);
  }
  std::string path = CleanPath(absl::StrCat("/", word));
  return path.substr(1);
}

const DeltaEntry* FindEntry(const Delta& delta, absl::string_view path) {
  const auto& entries = delta.entries();
  auto found = std::lower_bound(
      entries.begin(), entries.end(), path,
      [](const DeltaEntry& entry, absl::string_view wanted) { return PathLess(entry.path, wanted); });
  return found != entries.end() && found->path == path ? &*found : nullptr;
}

// Whether the delta hides what lies at the path below it, without having the path itself.
bool Hides(const Delta& delta, absl::string_view path) {
  for (size_t slash = path.rfind('/'); slash != absl::string_view::npos; slash = path.rfind('/')) {
    path = path.substr(0, slash);
    const DeltaEntry* above = FindEntry(delta, path);
    if (above != nullptr && (above->whiteout || above->opaque || !above->entry.is_directory())) return true;
  }
  return false;
}

}  // namespace

Provenance::Provenance(Store* store, std::string directory, std::vector<BuiltEdge> edges)
    : store_(store), directory_(std::move(directory)), edges_(std::move(edges)) {
  for (const BuiltEdge& edge : edges_) by_record_[edge.record] = &edge;
}

absl::StatusOr<std::vector<std::string>> Provenance::ImageChain() const {
  for (const BuiltEdge& edge : edges_) {
    if (Basename(edge.record) != "image.json") continue;
    std::vector<std::string> chain;
    for (const std::string& source : edge.source) {
      absl::StatusOr<Record> record = ReadRecord(absl::StrCat(directory_, source));
      if (!record.ok()) return absl::NotFoundError("the image was not built: run ninja image first");
      if (record->kind == "base" || (record->kind != "layer" && !record->delta.empty()))
        chain.push_back(source);
    }
    return chain;
  }
  return absl::NotFoundError("this build makes no image");
}

absl::StatusOr<const Provenance::Built*> Provenance::Load(const std::string& record) {
  auto known = built_.find(record);
  if (known != built_.end()) return &known->second;
  Built built;
  auto edge = by_record_.find(record);
  if (edge == by_record_.end()) return absl::NotFoundError(absl::StrCat(record, " is not of this build"));
  built.edge = edge->second;
  ASSIGN_OR_RETURN(built.record, ReadRecord(absl::StrCat(directory_, record)));
  if (!built.record.delta.empty()) {
    ASSIGN_OR_RETURN(built.delta, LoadDelta(*store_, built.record.delta));
  }
  return &built_.emplace(record, std::move(built)).first->second;
}

absl::StatusOr<Tree> Provenance::Compose(const std::vector<std::string>& chain) {
  std::vector<std::string> paths;
  for (const std::string& record : chain) paths.push_back(absl::StrCat(directory_, record));
  ASSIGN_OR_RETURN(Chain read, ReadChain(paths));
  return ComposeTree(store_, read.base_tree, read.deltas);
}

absl::StatusOr<const Provenance::Built*> Provenance::Maker(const std::vector<std::string>& chain,
                                                           const std::string& path, std::string* base) {
  for (size_t i = chain.size(); i-- > 0;) {
    const std::string& record = chain[i];
    ASSIGN_OR_RETURN(const Built* built, Load(record));
    if (built->record.kind == "base") {
      *base = record;
      return nullptr;
    }
    const DeltaEntry* entry = FindEntry(built->delta, path);
    if (entry != nullptr && entry->whiteout) return nullptr;
    if (entry != nullptr && !entry->implied) return built;
    if (entry == nullptr && Hides(built->delta, path)) return nullptr;
  }
  return nullptr;
}

absl::StatusOr<Origins> Provenance::Explain(const std::vector<std::string>& chain, const std::string& path) {
  ASSIGN_OR_RETURN(Tree tree, Compose(chain));
  ASSIGN_OR_RETURN(std::string resolved, tree.Resolve(absl::StrCat("/", path), /*follow_last=*/false));
  const bool there = tree.Lookup(resolved) != nullptr;
  RETURN_IF_ERROR(tree.status());
  if (!there) return absl::NotFoundError(absl::StrCat("the image has no /", absl::CHexEscape(path)));
  Origins origins;
  RETURN_IF_ERROR(Follow(chain, resolved, /*first=*/true, &origins));
  return origins;
}

absl::Status Provenance::Follow(const std::vector<std::string>& chain, const std::string& path, bool first,
                                Origins* origins) {
  if (chain.empty() || !followed_.insert({chain.back(), path}).second) return absl::OkStatus();
  std::string base;
  ASSIGN_OR_RETURN(const Built* maker, Maker(chain, path, &base));
  if (maker == nullptr) {
    if (!base.empty()) AddBase(base, first, origins);
    return absl::OkStatus();
  }
  origins->steps.insert(StepTitle(maker->edge->origin));
  if (first) origins->way.push_back(absl::StrCat("made by ", StepTitle(maker->edge->origin)));
  ASSIGN_OR_RETURN(Spec spec, ReadSpec(absl::StrCat(directory_, ".kasane/specs"), maker->edge->spec));
  if (const CopySpec* copy = std::get_if<CopySpec>(&spec))
    return FollowCopy(*maker, *copy, path, first, origins);
  if (const RunSpec* run = std::get_if<RunSpec>(&spec); run != nullptr && !stops_at_runs_) {
    return FollowRun(*maker, *run, origins);
  }
  return absl::OkStatus();
}

absl::StatusOr<Origins> Provenance::SourcesOf(const std::string& record) {
  followed_.clear();
  runs_.clear();
  stops_at_runs_ = true;
  ASSIGN_OR_RETURN(const Built* step, Load(record));
  ASSIGN_OR_RETURN(Spec spec, ReadSpec(absl::StrCat(directory_, ".kasane/specs"), step->edge->spec));
  Origins origins;
  if (const RunSpec* run = std::get_if<RunSpec>(&spec)) RETURN_IF_ERROR(FollowRun(*step, *run, &origins));
  if (const CopySpec* copy = std::get_if<CopySpec>(&spec)) {
    for (const DeltaEntry& entry : step->delta.entries()) {
      if (entry.whiteout || entry.implied) continue;
      RETURN_IF_ERROR(FollowCopy(*step, *copy, entry.path, /*first=*/false, &origins));
    }
  }
  stops_at_runs_ = false;
  return origins;
}

absl::StatusOr<const Provenance::PathsByContent*> Provenance::IndexOf(const std::vector<std::string>& chain) {
  const std::string key = chain.empty() ? "" : chain.back();
  const auto known = indices_.find(key);
  if (known != indices_.end()) return &known->second;
  ASSIGN_OR_RETURN(Tree tree, Compose(chain));
  PathsByContent index;
  tree.Walk([&](const std::string& path, const Node& node) {
    index.emplace(ContentKey(node.entry.type, node.entry.content, node.entry.link_target.get()), path);
    return true;
  });
  RETURN_IF_ERROR(tree.status());
  return &(indices_[key] = std::move(index));
}

absl::StatusOr<const InputState*> Provenance::InputsOf(const std::string& record) {
  const auto known = inputs_.find(record);
  if (known != inputs_.end()) return &known->second;
  InputState state;
  if (absl::StatusOr<std::string> bytes = ReadFile(InputStatePath(absl::StrCat(directory_, record)));
      bytes.ok()) {
    ASSIGN_OR_RETURN(state, DecodeInputState(*bytes));
  }
  return &(inputs_[record] = std::move(state));
}

absl::Status Provenance::FollowAll(const std::vector<std::string>& chain, const std::string& path,
                                   Origins* origins) {
  for (const std::string& record : chain) {
    ASSIGN_OR_RETURN(const Built* built, Load(record));
    if (built->record.kind == "base") AddBase(record, /*first=*/false, origins);
    for (const DeltaEntry& entry : built->delta.entries()) {
      const bool below = path.empty() || absl::StartsWith(entry.path, absl::StrCat(path, "/"));
      if (below && !entry.whiteout && !entry.entry.is_directory()) {
        RETURN_IF_ERROR(Follow(chain, entry.path, /*first=*/false, origins));
      }
    }
  }
  return absl::OkStatus();
}

void Provenance::AddBase(const std::string& record, bool first, Origins* origins) {
  auto edge = by_record_.find(record);
  const std::string text = edge == by_record_.end() ? "" : edge->second->origin.text;
  ++origins->bases[text];
  if (first) origins->way.push_back(absl::StrCat("from the base image, ", text));
}

absl::StatusOr<std::string> Provenance::FindSource(const std::vector<std::string>& chain,
                                                   const std::vector<std::string>& words, const Entry& entry,
                                                   const std::string& path) {
  ASSIGN_OR_RETURN(const PathsByContent* index, IndexOf(chain));
  ASSIGN_OR_RETURN(Tree tree, Compose(chain));
  const auto [begin, end] = index->equal_range(ContentKey(entry.type, entry.content, entry.link_target.get()));
  std::string best;
  size_t shared = 0;
  for (const std::string& word : words) {
    absl::StatusOr<std::string> root = tree.Resolve(absl::StrCat("/", FixedPart(word)));
    if (!root.ok()) continue;
    for (auto at = begin; at != end; ++at) {
      const std::string& candidate = at->second;
      if (!root->empty() && candidate != *root && !absl::StartsWith(candidate, absl::StrCat(*root, "/"))) {
        continue;
      }
      const size_t same = SharedEnd(candidate, path) + 1;
      if (same > shared) best = candidate, shared = same;
    }
  }
  RETURN_IF_ERROR(tree.status());
  return best;
}

absl::Status Provenance::FollowCopy(const Built& step, const CopySpec& spec, const std::string& path,
                                    bool first, Origins* origins) {
  const DeltaEntry* entry = FindEntry(step.delta, path);
  if (entry == nullptr || entry->entry.is_directory()) return absl::OkStatus();
  if (spec.from == "stage") {
    const std::vector<std::string> chain(
        step.edge->source.begin(),
        step.edge->source.end() - static_cast<std::ptrdiff_t>(spec.remotes.size()));
    ASSIGN_OR_RETURN(std::string source, FindSource(chain, spec.sources, entry->entry, path));
    if (source.empty()) return absl::OkStatus();  // an inline file
    if (first) origins->way.push_back(absl::StrCat("copied from /", absl::CHexEscape(source)));
    return Follow(chain, source, first, origins);
  }
  for (const auto& [name, content] : spec.inline_files) {
    if (Sha256Of(content) != entry->entry.content) continue;
    origins->others.insert(absl::StrCat("the text in ", StepTitle(step.edge->origin)));
    return absl::OkStatus();
  }
  if (!spec.remotes.empty()) origins->others.insert(step.edge->origin.text);
  ASSIGN_OR_RETURN(const InputState* inputs, InputsOf(step.edge->record));
  const auto add = [&](const std::string& file, const Digest& content) {
    origins->files.insert(file);
    if (!content.empty()) origins->contents[file] = content;
  };
  const std::string name(absl::StripPrefix(spec.from, "context:"));
  const std::string prefix = spec.from == "context" ? "" : absl::StrCat(name, ":");
  const InputFact* best = nullptr;
  for (const InputFact& fact : inputs->facts) {
    if (!SameThing(entry->entry, fact.entry.type, fact.content, fact.entry.target())) continue;
    if (best == nullptr || SharedEnd(fact.entry.path, path) > SharedEnd(best->entry.path, path)) best = &fact;
  }
  if (best != nullptr) {
    add(absl::StrCat(prefix, best->entry.path), best->content);
    if (first)
      origins->way.push_back(
          absl::StrCat("copied from ", prefix, absl::CHexEscape(best->entry.path), " of the context"));
    return absl::OkStatus();
  }
  // A member of an archive: one of these holds it.
  for (const InputFact& fact : inputs->facts) {
    if (fact.entry.type == EntryType::kFile) add(absl::StrCat(prefix, fact.entry.path), fact.content);
  }
  return absl::OkStatus();
}

absl::Status Provenance::FollowRun(const Built& step, const RunSpec& spec, Origins* origins) {
  if (!runs_.insert(step.edge->record).second) return absl::OkStatus();
  ASSIGN_OR_RETURN(Json left, ReadRunWhy(absl::StrCat(directory_, step.edge->record)));
  ASSIGN_OR_RETURN(Digest digest, Digest::Parse(JsonString(left, "trace")));
  ASSIGN_OR_RETURN(std::string bytes, store_->ReadBlob(digest));
  ASSIGN_OR_RETURN(Trace trace, Trace::Decode(bytes));
  for (const MountSpec& mount : spec.mounts) {
    if (mount.type == "cache") origins->others.insert(absl::StrCat("the cache ", mount.id));
    if (mount.type == "secret") origins->others.insert(absl::StrCat("the secret ", mount.id));
  }
  for (const TracedRoot& root : trace.roots) {
    ASSIGN_OR_RETURN(std::string encoded, store_->ReadBlob(root.path_set));
    ASSIGN_OR_RETURN(const PathSet paths, PathSet::Decode(std::move(encoded)));
    for (const Observation& observation : paths) {
      if ((observation.facts & kLearnt) == 0) continue;
      RETURN_IF_ERROR(FollowRead(step, spec, root.name, observation.path, origins));
      if ((observation.facts & fact::kTree) != 0 && root.name.empty()) {
        RETURN_IF_ERROR(FollowAll(step.edge->below, observation.path, origins));
      }
    }
  }
  return absl::OkStatus();
}

bool Provenance::IsContextFile(const std::string& name, const std::string& path) const {
  absl::StatusOr<ContextBindings> bindings = ReadContextBindings(absl::StrCat(directory_, ".kasane"));
  if (!bindings.ok() || bindings->count(name) == 0) return false;
  const std::string& root = bindings->at(name).root;
  struct stat st;
  return stat(JoinPath(absl::StartsWith(root, "/") ? root : absl::StrCat(directory_, root), path).c_str(),
              &st) == 0 &&
         !S_ISDIR(st.st_mode);
}

absl::Status Provenance::FollowRead(const Built& step, const RunSpec& spec, const std::string& root,
                                    const std::string& path, Origins* origins) {
  if (root.empty()) return Follow(step.edge->below, path, /*first=*/false, origins);
  auto records = step.edge->source.begin();
  for (const MountSpec& mount : spec.mounts) {
    const std::vector<std::string> chain(records, records + mount.records);
    records += mount.records;
    if (mount.target != root || mount.type != "bind") continue;
    // All of the stage's tree is asked, whatever of it is shown.
    if (mount.from == "stage") return Follow(chain, path, /*first=*/false, origins);
    const std::string name = mount.from == "context" ? "" : mount.from.substr(mount.from.find(':') + 1);
    std::string source = Join(mount.source, path);
    // A file of the context that is mounted itself lies under a name of its own in the tree that was made of
    // it.
    if (path == kMountedFile && IsContextFile(name, mount.source)) source = mount.source;
    origins->files.insert(name.empty() ? source : absl::StrCat(name, ":", source));
  }
  return absl::OkStatus();
}

}  // namespace kasane
