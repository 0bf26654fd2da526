#include "src/steps/layer.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/base/timeline.h"
#include "src/contract/record.h"
#include "src/oci/layer_delta.h"
#include "src/oci/layer_writer.h"
#include "src/steps/common_report.h"
#include "src/store/tree_store.h"
#include "src/tree/gap.h"
#include "src/tree/merge.h"

namespace kasane {
namespace {

// The record of an earlier run, if its blob is still there.
absl::StatusOr<Record> FindLayer(const Store& store, const Digest& key) {
  ASSIGN_OR_RETURN(std::string text, store.GetResult(key));
  ASSIGN_OR_RETURN(Record record, DecodeRecord(text, "a layer's result"));
  if (record.layers.size() != 1) return absl::DataLossError("a layer's result without a layer");
  ASSIGN_OR_RETURN(BlobRef blob, store.OpenBlob(record.layers[0].blob));
  if (blob.size != record.layers[0].size) return absl::NotFoundError("a layer's blob has another size");
  return record;
}

}  // namespace

absl::StatusOr<StepOutcome> RunLayerStep(const LayerSpec& spec, const StepContext& context) {
  const StepArgs& args = context.args;
  if (args.source.empty()) return absl::InvalidArgumentError("a layer step takes a --source");
  LayerOptions options;
  ASSIGN_OR_RETURN(options.compression, ParseCompression(spec.compression));
  options.level = spec.level;
  auto below = [&]() -> absl::StatusOr<Tree> {
    ASSIGN_OR_RETURN(Chain chain, ReadChain(args.below));
    return ComposeTree(context.store, chain.base_tree, chain.deltas);
  };
  std::vector<Delta> deltas;
  for (const std::string& path : args.source) {
    ASSIGN_OR_RETURN(const Record source, ReadRecord(path));
    ASSIGN_OR_RETURN(Delta one, LoadDelta(*context.store, source.delta));
    deltas.push_back(std::move(one));
  }
  Delta delta;
  if (deltas.size() == 1) {
    delta = std::move(deltas[0]);
  } else {
    ASSIGN_OR_RETURN(const Tree tree, below());
    ASSIGN_OR_RETURN(delta, MergeDeltas(tree, deltas));
    RETURN_IF_ERROR(tree.status());
  }
  Span resolving("resolve the delta");
  absl::StatusOr<Delta> resolved = ResolveLayerDelta(std::move(delta), below, spec.epoch);
  resolving.End();
  if (absl::IsInvalidArgument(resolved.status())) {
    return ReportStepError(context, resolved.status().message(),
                           "names with this prefix mark deletions in layers");
  }
  RETURN_IF_ERROR(resolved.status());
  for (const DeltaEntry& entry : resolved->entries()) {
    if (!entry.whiteout && IsGap(entry.entry))
      return absl::InternalError(absl::StrCat("/", entry.path, " was left out of what should be a layer"));
  }

  Span planning("plan the layer");
  ASSIGN_OR_RETURN(const PlannedLayer planned, PlanLayer(*resolved, options));
  planning.End();
  if (args.fresh.empty()) {
    absl::StatusOr<Record> found = FindLayer(*context.store, planned.key);
    if (found.ok()) {
      RETURN_IF_ERROR(WriteRecord(args.out, *found).status());
      return StepOutcome{absl::StrCat("hit layer ", found->layers[0].diff_id.ToHex().substr(0, 12))};
    }
  }
  const absl::StatusOr<Record> last = ReadRecord(args.out);
  if (last.ok() && last->layers.size() == 1) options.before = last->layers[0].blob;
  options.reuse = args.fresh.empty();
  Record record;
  record.kind = "layer";
  Span writing("write the layer");
  writing.Count(resolved->entries().size(), "entries");
  ASSIGN_OR_RETURN(LayerInfo layer, WriteLayer(context.store, planned, options));
  record.layers.push_back(layer);
  RETURN_IF_ERROR(context.store->PutResult(planned.key, EncodeRecord(record)));
  RETURN_IF_ERROR(WriteRecord(args.out, record).status());
  return StepOutcome{
      absl::StrCat("ran layer ", layer.diff_id.ToHex().substr(0, 12), " ", layer.size, " bytes")};
}

}  // namespace kasane
