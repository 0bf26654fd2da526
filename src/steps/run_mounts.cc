#include "src/steps/run_mounts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/status.h"
#include "src/contract/mount_sources.h"
#include "src/contract/record.h"
#include "src/steps/common_gaps.h"
#include "src/steps/common_report.h"
#include "src/steps/run_mounts_context.h"
#include "src/store/tree_store.h"
#include "src/tree/directory.h"

namespace kasane {
namespace {

Digest DigestOf(const Node& node) {
  std::string bytes;
  // All directories show one time.
  EncodeEntry(node.entry, /*with_time=*/!node.entry.is_directory(), &bytes);
  if (node.directory != nullptr) PutBytes(&bytes, node.directory->digest().bytes());
  return Sha256Of(bytes);
}

absl::Status ReportMissing(const StepContext& context, const MountSpec& mount, absl::string_view why) {
  return ReportStepError(context,
                         absl::StrCat("cannot mount \"/", mount.source, "\" of --mount from=: ", why));
}

absl::StatusOr<MountedTree> ReadStage(const StepContext& context, const MountSpec& mount, size_t index,
                                      const std::vector<std::string>& records) {
  ASSIGN_OR_RETURN(const Chain chain, ReadChain(records));
  MountedTree out;
  out.mount = index;
  ASSIGN_OR_RETURN(out.tree, ComposeTree(context.store, chain.base_tree, chain.deltas));
  absl::StatusOr<std::string> source = out.tree.Resolve(mount.source);
  const Node* node = source.ok() ? out.tree.Lookup(*source) : nullptr;
  RETURN_IF_ERROR(out.tree.status());
  ASSIGN_OR_RETURN(const std::vector<std::string> gaps, GapsOf(records));
  for (const std::string& gap : gaps) {
    if (!source.ok() || node == nullptr || Overlap(gap, *source)) return GapMet(gap);
  }
  if (!source.ok()) return ReportMissing(context, mount, source.status().message());
  if (node == nullptr) return ReportMissing(context, mount, "it is not there");
  out.source = *std::move(source);
  out.digest = DigestOf(*node);
  RETURN_IF_ERROR(out.tree.status());
  return out;
}

}  // namespace

const MountedTree* RunMounts::Find(size_t mount) const {
  for (const MountedTree& tree : trees) {
    if (tree.mount == mount) return &tree;
  }
  return nullptr;
}

std::string RunMounts::Key(const RunSpec& spec) const {
  std::string key;
  PutVarint(&key, trees.size());
  for (const MountedTree& tree : trees) {
    PutVarint(&key, tree.mount);
    if (spec.mounts[tree.mount].type == "bind") {
      PutBytes(&key, tree.source);
    } else {
      PutBytes(&key, tree.digest.bytes());
    }
  }
  return key;
}

RunSpec KeySpec(const RunSpec& spec) {
  RunSpec out = spec;
  out.warm = false;      // said by the key itself, where it matters
  out.profiles.clear();  // so is what these come to
  out.stat_level = 1;
  out.proxy_env.clear();
  for (MountSpec& mount : out.mounts) {
    mount.records = 0;
    mount.needed = false;
    if (mount.type != "cache") continue;
    mount.id.clear();
    mount.sharing.clear();
  }
  return out;
}

absl::StatusOr<RunMounts> ReadRunMounts(const RunSpec& spec, const StepContext& context) {
  RunMounts out;
  auto next = context.args.source.begin();
  for (size_t i = 0; i < spec.mounts.size(); ++i) {
    const MountSpec& mount = spec.mounts[i];
    if (mount.from != "stage") continue;
    if (mount.records < 0 || context.args.source.end() - next < mount.records) {
      return absl::InvalidArgumentError("a RUN needs the records of all that it mounts");
    }
    ASSIGN_OR_RETURN(MountedTree tree, ReadStage(context, mount, i, {next, next + mount.records}));
    next += mount.records;
    out.trees.push_back(std::move(tree));
  }
  for (const auto& [name, sources] : ContextMountSources(spec)) {
    ASSIGN_OR_RETURN(const std::vector<ContextTree> read, ReadContextMounts(spec, name, sources, context));
    for (size_t i = 0; i < read.size(); ++i) {
      const std::string source = read[i].is_file ? kMountedFile : "";
      const Node* node = read[i].tree.Lookup(source);
      out.trees.push_back({sources.mounts[i], read[i].tree, source, DigestOf(*node)});
    }
  }
  return out;
}

}  // namespace kasane
