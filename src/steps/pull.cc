#include "src/steps/pull.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/oci/image_source.h"
#include "src/oci/layer_ingest.h"
#include "src/steps/common_gen_net.h"

namespace kasane {
namespace {

Digest ResultKey(const PullSpec& spec) {
  std::string key;
  PutBytes(&key, "pull");
  PutVarint(&key, kSpecFormat);
  PutBytes(&key, spec.blob.bytes());
  PutBytes(&key, spec.diff_id.bytes());
  return Sha256Of(key);
}

absl::StatusOr<Record> IngestLocal(Store* store, const PullSpec& spec) {
  ASSIGN_OR_RETURN(const BlobRef blob, OpenLocalLayer(spec));
  LayerIngest ingest(store, spec);
  RETURN_IF_ERROR(
      ReadPieces(blob, spec.source, [&](absl::string_view piece) { return ingest.Write(piece); }));
  return ingest.Finish();
}

}  // namespace

std::string PullLine(absl::string_view verb, const PullSpec& spec) {
  const double megabytes = static_cast<double>(spec.size) / 1e6;
  return absl::StrFormat("%s pull %s %s %.*f MB", verb, spec.source, spec.blob.ToHex().substr(0, 12),
                         megabytes < 10 ? 1 : 0, megabytes);
}

absl::optional<Record> FindPulled(const Store& store, const PullSpec& spec) {
  auto text = store.GetResult(ResultKey(spec));
  if (!text.ok()) return absl::nullopt;
  auto record = DecodeRecord(*text, "pull result");
  if (!record.ok() || record->layers.size() != 1) return absl::nullopt;
  if (!store.HasBlob(spec.blob) || !store.HasPack(spec.diff_id) || !store.HasBlob(record->delta)) {
    return absl::nullopt;
  }
  // The same bytes may be called by another type elsewhere (OCI's or Docker's).
  record->layers[0].media_type = spec.media_type;
  return *std::move(record);
}

absl::Status PublishPulled(Store* store, const PullSpec& spec, const Record& record) {
  return store->PutResult(ResultKey(spec), EncodeRecord(record));
}

absl::StatusOr<StepOutcome> RunPullStep(const PullSpec& spec, const StepContext& context) {
  // Never looked for afresh: the bytes behind a digest cannot change.
  if (absl::optional<Record> found = FindPulled(*context.store, spec)) {
    RETURN_IF_ERROR(WriteRecord(context.args.out, *found).status());
    return StepOutcome{PullLine("hit", spec)};
  }
  if (!IsLocalImage(spec.source)) return ExecGenNet(context);
  auto record = IngestLocal(context.store, spec);
  if (!record.ok())
    return Annotate(record.status(), absl::StrCat(spec.source, ": layer ", spec.blob.ToString()));
  RETURN_IF_ERROR(PublishPulled(context.store, spec, *record));
  RETURN_IF_ERROR(WriteRecord(context.args.out, *record).status());
  return StepOutcome{PullLine("ran", spec)};
}

}  // namespace kasane
