#include "src/steps/archive.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/oci/image_layout.h"

namespace kasane {

absl::StatusOr<StepOutcome> RunArchiveStep(const ArchiveSpec& spec, const StepContext& context) {
  const StepArgs& args = context.args;
  if (args.source.size() != 1) return absl::InvalidArgumentError("an archive step takes one --source");
  ASSIGN_OR_RETURN(Record record, ReadRecord(args.source[0]));
  ASSIGN_OR_RETURN(StoredImage image, LoadStoredImage(*context.store, record, spec.names));
  image.descriptor.annotations = spec.descriptor_annotations;
  const std::string path = args.dest.empty() ? JoinPath(args.dir, "out/image.tar") : args.dest;
  if (!Dirname(path).empty()) RETURN_IF_ERROR(MakeDirs(std::string(Dirname(path))));
  RETURN_IF_ERROR(WriteImageArchive(*context.store, image, path));
  record.kind = "archive";
  RETURN_IF_ERROR(WriteRecord(args.out, record).status());
  return StepOutcome{absl::StrCat("ran archive ", path)};
}

}  // namespace kasane
