// An image that another build of this machine makes, as what is FROM it sees it before it is there: `gen`
// leaves `.kasane/base.json`.
//   {"version":1,"images":[{"platform":"linux/amd64","record":"records/image.json","config":{..}}]}
// record: of the image, relative to the state directory. config: as ImageSpec's, without a history, so that
// this file changes when what is FROM the image would become another build, not for every comment.
#ifndef KASANE_SRC_OCI_BUILT_BASE_H_
#define KASANE_SRC_OCI_BUILT_BASE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/json.h"
#include "src/oci/reference.h"
#include "src/oci/resolved_image.h"

namespace kasane {

inline constexpr char kBuiltBases[] = "base.json";  // in the state directory

// What begins the name of such an image, before the path of its state directory, and ResolvedImage::source,
// before the path of its record.
inline constexpr absl::string_view kBuilt = "built:";

struct BuiltBase {
  std::string platform;
  std::string record;
  Json config;
};

std::string EncodeBuiltBases(const std::vector<BuiltBase>& bases);

// `name`: "built:STATE". A single image is taken whatever its platform. It has no layers yet, and `manifest`
// is no more than a name for it.
absl::StatusOr<ResolvedImage> ResolveBuiltBase(absl::string_view name, const Platform& platform);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_BUILT_BASE_H_
