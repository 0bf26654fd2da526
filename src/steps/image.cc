#include "src/steps/image.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/real_path.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/oci/attestation.h"
#include "src/oci/image_config.h"
#include "src/oci/image_layout.h"
#include "src/store/built_images.h"

namespace kasane {
namespace {

// What the records of an image's steps come to.
struct Made {
  std::vector<ImageLayer> layers;  // bottom first: the base's, then one for each step
  Digest base;                     // the base's tree
  std::vector<Digest> deltas;
  Digest config;  // the base's, if its history is in no spec
};

absl::StatusOr<Made> ReadSources(const ImageSpec& spec, const std::vector<std::string>& paths) {
  const size_t base = spec.has_base ? 1 : 0;
  const auto layers = static_cast<size_t>(spec.steps);
  std::vector<int> grouped = spec.grouped;
  if (grouped.empty()) grouped.assign(layers, 1);
  size_t expected = base + layers;
  for (const int steps : grouped) expected += static_cast<size_t>(steps);
  if (paths.size() != expected || grouped.size() != layers) {
    return absl::InvalidArgumentError(
        absl::StrCat("an image step of ", spec.steps, " layers got ", paths.size(), " --source records"));
  }
  Made made;
  if (spec.has_base) {
    ASSIGN_OR_RETURN(Record record, ReadRecord(paths[0]));
    for (LayerInfo& layer : record.layers) made.layers.push_back({std::move(layer), ""});
    made.base = record.tree;
    made.config = record.config;
  }
  auto path = paths.begin() + static_cast<std::ptrdiff_t>(base);
  for (const int steps : grouped) {
    ASSIGN_OR_RETURN(Record layer, ReadRecord(*path));
    if (layer.layers.size() != 1) return absl::DataLossError(absl::StrCat(*path, " names no layer"));
    ++path;
    made.layers.push_back({std::move(layer.layers[0]), ""});
    for (int i = 0; i < steps; ++i, ++path) {
      ASSIGN_OR_RETURN(const Record step, ReadRecord(*path));
      made.layers.back().created = step.created;
      made.deltas.push_back(step.delta);
    }
  }
  return made;
}

// For `gen images`, `gen run` and the like.
absl::Status NoteImage(const StepContext& context, const std::vector<std::string>& names,
                       const Digest& manifest, BuiltImage image) {
  image.record = RealPath(context.args.out);
  image.names = names;
  image.manifest = manifest;
  return SaveBuiltImage(*context.store, image);
}

// As BuildKit has it, they come after all images.
absl::Status AddAttestations(const IndexSpec& spec, const StepContext& context,
                             std::vector<ImageDescriptor>* parts) {
  auto path = context.args.source.begin() + static_cast<std::ptrdiff_t>(spec.parts.size());
  for (size_t i = 0; i < spec.parts.size(); ++i) {
    if (spec.parts[i].statements == 0) continue;
    std::vector<Record> statements;
    for (int n = 0; n < spec.parts[i].statements; ++n, ++path) {
      ASSIGN_OR_RETURN(Record statement, ReadRecord(*path));
      statements.push_back(std::move(statement));
    }
    const std::string manifest = MakeAttestationManifest((*parts)[i], statements);
    RETURN_IF_ERROR(context.store->PutBlob(manifest).status());
    RETURN_IF_ERROR(context.store->PutBlob(kEmptyConfig).status());
    parts->push_back(AttestationDescriptor((*parts)[i], manifest));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StepOutcome> RunImageStep(const ImageSpec& planned, const StepContext& context) {
  ImageSpec spec = planned;
  ASSIGN_OR_RETURN(Made made, ReadSources(spec, context.args.source));
  if (!made.config.empty()) {
    ASSIGN_OR_RETURN(const std::string text, context.store->ReadBlob(made.config));
    ASSIGN_OR_RETURN(const Json base, ParseJson(text, "the base's config"));
    spec.config["history"] = JsonMember(base, "history");
  }
  ASSIGN_OR_RETURN(std::string config, FinishConfig(spec, made.layers));
  std::string manifest = MakeManifest(spec, config, made.layers);

  Record record;
  record.kind = "image";
  ASSIGN_OR_RETURN(record.config, context.store->PutBlob(config));
  ASSIGN_OR_RETURN(record.manifest, context.store->PutBlob(manifest));
  record.manifest_size = static_cast<int64_t>(manifest.size());
  record.manifest_media_type = kOciManifestType;

  if (!spec.part) {
    ASSIGN_OR_RETURN(StoredImage image, LoadStoredImage(*context.store, record, spec.names));
    RETURN_IF_ERROR(WriteImageLayout(*context.store, image, JoinPath(context.args.dir, "out/oci")));
  }
  RETURN_IF_ERROR(WriteRecord(context.args.out, record).status());
  BuiltImage image;
  image.base = made.base;
  image.deltas = std::move(made.deltas);
  image.part = spec.part;
  RETURN_IF_ERROR(NoteImage(context, spec.names, record.manifest, std::move(image)));
  return StepOutcome{absl::StrCat("ran image ", record.manifest.ToString())};
}

absl::StatusOr<StepOutcome> RunIndexStep(const IndexSpec& spec, const StepContext& context) {
  const std::vector<std::string>& paths = context.args.source;
  const size_t images = spec.parts.size();
  size_t expected = images;
  for (const IndexSpec::Part& part : spec.parts) expected += static_cast<size_t>(part.statements);
  if (paths.size() != expected) {
    return absl::InvalidArgumentError("an index step needs the record of each of its images and statements");
  }
  std::vector<ImageDescriptor> parts;
  for (size_t i = 0; i < images; ++i) {
    ASSIGN_OR_RETURN(const Record record, ReadRecord(paths[i]));
    ASSIGN_OR_RETURN(StoredImage part, LoadStoredImage(*context.store, record, {}));
    part.descriptor.annotations = spec.parts[i].annotations;
    parts.push_back(std::move(part.descriptor));
  }
  RETURN_IF_ERROR(AddAttestations(spec, context, &parts));
  const std::string index = MakeImageIndex(spec, parts);
  Record record;
  record.kind = "index";
  ASSIGN_OR_RETURN(record.manifest, context.store->PutBlob(index));
  record.manifest_size = static_cast<int64_t>(index.size());
  record.manifest_media_type = kOciIndexType;
  ASSIGN_OR_RETURN(StoredImage image, LoadStoredImage(*context.store, record, spec.names));
  image.descriptor.annotations = spec.descriptor_annotations;
  RETURN_IF_ERROR(WriteImageLayout(*context.store, image, JoinPath(context.args.dir, "out/oci")));
  RETURN_IF_ERROR(WriteRecord(context.args.out, record).status());
  BuiltImage noted;
  for (size_t i = 0; i < images; ++i) noted.parts.push_back(RealPath(paths[i]));
  RETURN_IF_ERROR(NoteImage(context, spec.names, record.manifest, std::move(noted)));
  return StepOutcome{absl::StrCat("ran index ", record.manifest.ToString())};
}

}  // namespace kasane
