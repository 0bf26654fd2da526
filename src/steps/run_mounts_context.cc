#include "src/steps/run_mounts_context.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/context/context_state.h"
#include "src/context/generated.h"
#include "src/context/ignore.h"
#include "src/context/scan.h"
#include "src/context/select.h"
#include "src/contract/record.h"
#include "src/steps/common_report.h"
#include "src/steps/common_result.h"
#include "src/steps/common_time.h"
#include "src/steps/copy_context.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

constexpr int kKeyVersion = 1;

absl::StatusOr<Delta> MakeDelta(const CopyItem& item, const Epoch& epoch) {
  const bool is_file = !item.entries[0].entry.is_directory();
  std::vector<DeltaEntry> entries;
  std::map<uint64_t, std::vector<size_t>> links;
  for (const CopyEntry& from : item.entries) {
    DeltaEntry entry;
    entry.path = is_file ? kMountedFile : from.relative;
    entry.entry = from.entry;
    if (from.entry.is_directory()) entry.entry.mtime = Timestamp();
    if (from.relative.empty() && item.name.empty()) entry.entry.mode = 0755;  // whatever the context's own is
    if (epoch.has_value()) entry.entry.mtime = {*epoch, 0};
    if (from.link != 0) links[from.link].push_back(entries.size());
    entries.push_back(std::move(entry));
  }
  for (const auto& [inode, names] : links) {
    if (names.size() < 2) continue;
    std::vector<std::string> paths;
    for (const size_t name : names) paths.push_back(entries[name].path);
    std::sort(paths.begin(), paths.end());
    for (const size_t name : names) entries[name].entry.link_group = LinkGroupId(paths);
  }
  return Delta::FromEntries(std::move(entries));
}

// The delta with the times that it had when it was first seen.
absl::StatusOr<Delta> WithFirstTimes(Store* store, const Epoch& epoch, Delta delta) {
  std::string text = "mounted context";
  PutVarint(&text, kKeyVersion);
  PutVarint(&text, epoch.has_value() ? 1 : 0);
  PutSigned(&text, epoch.value_or(0));
  PutBytes(&text, delta.TimelessDigest().bytes());
  const Digest key = Sha256Of(text);
  const absl::optional<Record> known = FindDeltaResult(*store, key);
  if (known.has_value()) return LoadDelta(*store, known->delta);
  Record record;
  record.kind = "mount";
  ASSIGN_OR_RETURN(record.delta, SaveDelta(store, delta));
  RETURN_IF_ERROR(store->PutResult(key, EncodeRecord(record)));
  return delta;
}

}  // namespace

absl::StatusOr<std::vector<ContextTree>> ReadContextMounts(const RunSpec& spec, const std::string& name,
                                                           const MountSources& sources,
                                                           const StepContext& context) {
  ASSIGN_OR_RETURN(const ContextBindings bindings, ReadContextBindings(context.args.dir));
  const auto binding = bindings.find(name);
  if (binding == bindings.end()) {
    return absl::FailedPreconditionError(absl::StrCat("no context \"", name, "\" is bound; run gen again"));
  }
  const std::string& root = binding->second.root;
  ASSIGN_OR_RETURN(const IgnoreMatcher ignore, IgnoreMatcher::Compile(binding->second.ignore));
  ASSIGN_OR_RETURN(ContextScan scan, ScanBoundContext(binding->second, ignore, sources.sources));
  Selection selection;
  SelectProblem problem;
  const std::string shown = name.empty() ? "the build context" : absl::StrCat("context \"", name, "\"");
  if (!SelectPaths(ScanView(scan), sources.sources, shown, &selection, &problem)) {
    ExplainIgnored(root, ignore, ".dockerignore", &problem);
    return ReportStepError(context, problem.message, problem.help, sources.sources[problem.source]);
  }
  ASSIGN_OR_RETURN(IngestedContext ingested,
                   IngestContext(context.store, {root, std::move(scan), std::move(selection),
                                                 InputStatePath(MountStateRecord(context.args.out, name)),
                                                 context.args.salt}));

  std::vector<ContextTree> out;
  for (const CopyItem& item : ingested.items) {
    ASSIGN_OR_RETURN(Delta delta, MakeDelta(item, spec.epoch));
    ASSIGN_OR_RETURN(delta, WithFirstTimes(context.store, spec.epoch, std::move(delta)));
    ContextTree tree;
    ASSIGN_OR_RETURN(tree.tree, Tree().Apply(delta));
    tree.is_file = !item.entries[0].entry.is_directory();
    out.push_back(std::move(tree));
  }
  RETURN_IF_ERROR(ingested.state_written.get());
  return out;
}

}  // namespace kasane
