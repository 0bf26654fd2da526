#include "src/steps/sbom.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/oci/attestation.h"
#include "src/oci/reference.h"
#include "src/sbom/scan.h"
#include "src/sbom/spdx.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

// When the image was made, in whole seconds: equal images say the same, and with an epoch it is the epoch.
absl::StatusOr<std::string> CreatedOf(const Store& store, const Digest& config) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadBlob(config));
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "the image's config"));
  const std::string created = JsonString(json, "created", "1970-01-01T00:00:00Z");
  return absl::StrCat(created.substr(0, created.find_first_of(".Z")), "Z");
}

}  // namespace

absl::StatusOr<StepOutcome> FinishStatement(const char* kind, const char* predicate_type,
                                            const std::string& statement, const StepContext& context) {
  Record record;
  record.kind = kind;
  ASSIGN_OR_RETURN(record.manifest, context.store->PutBlob(statement));
  record.manifest_size = static_cast<int64_t>(statement.size());
  record.manifest_media_type = predicate_type;
  RETURN_IF_ERROR(WriteRecord(context.args.out, record).status());
  return StepOutcome{absl::StrCat("ran ", kind, " ", record.manifest.ToString())};
}

absl::StatusOr<StepOutcome> RunSbomStep(const SbomSpec& spec, const StepContext& context) {
  std::vector<std::string> paths = context.args.source;
  if (paths.empty()) return absl::InvalidArgumentError("an sbom step needs the record of its image");
  ASSIGN_OR_RETURN(const Record image, ReadRecord(paths[0]));
  paths.erase(paths.begin());
  ASSIGN_OR_RETURN(const Chain chain, ReadChain(paths));
  ASSIGN_OR_RETURN(const Tree tree, ComposeTree(context.store, chain.base_tree, chain.deltas));
  ASSIGN_OR_RETURN(ScannedPackages scanned, ScanPackages(*context.store, tree));
  Sbom sbom;
  sbom.name = "image";
  if (!spec.names.empty()) {
    ASSIGN_OR_RETURN(const Reference reference, ParseReference(spec.names[0]));
    sbom.name = reference.Familiar();
  }
  sbom.image = image.manifest;
  ASSIGN_OR_RETURN(sbom.created, CreatedOf(*context.store, image.config));
  sbom.distribution = std::move(scanned.distribution);
  sbom.packages = std::move(scanned.packages);
  ASSIGN_OR_RETURN(const std::string statement,
                   MakeStatement(kSpdxPredicate, SpdxJson(sbom), image.manifest, spec.names, spec.platform));
  return FinishStatement("sbom", kSpdxPredicate, statement, context);
}

}  // namespace kasane
