#include "src/steps/base.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/real_path.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/oci/manifest_reader.h"
#include "src/store/built_images.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

Digest ResultKey(const std::vector<Record>& pulls) {
  std::string key;
  PutBytes(&key, "base");
  PutVarint(&key, kSpecFormat);
  for (const Record& pull : pulls) PutBytes(&key, pull.delta.bytes());
  return Sha256Of(key);
}

// The records of the layers, bottom first; they must be those that the spec names.
absl::StatusOr<std::vector<Record>> ReadPulls(const BaseSpec& spec, const std::vector<std::string>& paths) {
  std::vector<Record> pulls;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(Record pull, ReadRecord(path));
    size_t i = pulls.size();
    if (pull.layers.size() != 1 || i >= spec.diff_ids.size() || pull.layers[0].diff_id != spec.diff_ids[i]) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " is not the layer that the base image has there"));
    }
    pulls.push_back(std::move(pull));
  }
  if (pulls.size() != spec.diff_ids.size()) {
    return absl::FailedPreconditionError("the base image has more layers than were pulled");
  }
  return pulls;
}

// The tree file of an earlier run, if it is still there.
absl::StatusOr<Digest> FindTree(const Store& store, const Digest& key) {
  ASSIGN_OR_RETURN(std::string text, store.GetResult(key));
  ASSIGN_OR_RETURN(Record record, DecodeRecord(text, "a base image's result"));
  RETURN_IF_ERROR(LoadTree(store, record.tree).status());
  return record.tree;
}

absl::StatusOr<Digest> MakeTree(Store* store, const std::vector<Record>& pulls) {
  Tree tree;
  for (const Record& pull : pulls) {
    const std::string layer = absl::StrCat("layer ", pull.layers[0].blob.ToString());
    absl::StatusOr<Delta> delta = LoadDelta(*store, pull.delta);
    if (!delta.ok()) return Annotate(delta.status(), layer);
    absl::StatusOr<Tree> next = tree.Apply(*delta);
    if (!next.ok()) return Annotate(next.status(), layer);
    tree = *std::move(next);
  }
  return SaveTree(store, tree);
}

// What another build of this machine has made: its tree is that of the record's image, whose entry the store
// keeps as long as the image is there.
absl::StatusOr<Record> ReadBuilt(const StepContext& context) {
  if (context.args.source.size() != 1)
    return absl::InvalidArgumentError("a base that is built wants the record of one image");
  const std::string& path = context.args.source[0];
  ASSIGN_OR_RETURN(const Record image, ReadRecord(path));
  const absl::StatusOr<BuiltImage> built = ReadBuiltImage(*context.store, RealPath(path));
  if (!built.ok() || built->manifest != image.manifest) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": the store has no such image any more; build it again"));
  }
  const DocumentReader read = [&context](const Descriptor& descriptor, bool) {
    return context.store->ReadBlob(descriptor.digest);
  };
  ASSIGN_OR_RETURN(const std::string manifest, context.store->ReadBlob(image.manifest));
  ASSIGN_OR_RETURN(ResolvedImage resolved, ResolveManifest(manifest, image.manifest_media_type, {}, read));
  ASSIGN_OR_RETURN(const Tree tree, ComposeTree(context.store, built->base, built->deltas));
  Record record;
  record.kind = "base";
  ASSIGN_OR_RETURN(record.tree, SaveTree(context.store, tree));
  record.layers = std::move(resolved.layers);
  record.manifest = image.manifest;
  record.config = image.config;
  return record;
}

std::string Layers(size_t count) { return absl::StrCat(count, count == 1 ? " layer" : " layers"); }

}  // namespace

absl::StatusOr<StepOutcome> RunBaseStep(const BaseSpec& spec, const StepContext& context) {
  const StepArgs& args = context.args;
  if (spec.built) {
    ASSIGN_OR_RETURN(const Record record, ReadBuilt(context));
    ASSIGN_OR_RETURN(const bool is_new, WriteRecord(args.out, record));
    return StepOutcome{absl::StrCat(is_new ? "ran" : "hit", " base ", record.manifest.ToString())};
  }
  ASSIGN_OR_RETURN(std::vector<Record> pulls, ReadPulls(spec, args.below));
  const Digest key = ResultKey(pulls);
  Record record;
  record.kind = "base";
  for (const Record& pull : pulls) record.layers.push_back(pull.layers[0]);
  // Never made afresh while it is there: equal deltas give an equal tree.
  absl::StatusOr<Digest> found = FindTree(*context.store, key);
  if (found.ok()) {
    record.tree = *found;
  } else {
    ASSIGN_OR_RETURN(record.tree, MakeTree(context.store, pulls));
    RETURN_IF_ERROR(context.store->PutResult(key, EncodeRecord(record)));
  }
  RETURN_IF_ERROR(WriteRecord(args.out, record).status());
  return StepOutcome{absl::StrCat(found.ok() ? "hit" : "ran", " base ", Layers(pulls.size()))};
}

}  // namespace kasane
