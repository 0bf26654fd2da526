#include "src/oci/built_base.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;

}  // namespace

std::string EncodeBuiltBases(const std::vector<BuiltBase>& bases) {
  Json images = Json::array();
  for (const BuiltBase& base : bases) {
    Json config = base.config;
    config.erase("history");
    images.push_back({{"platform", base.platform}, {"record", base.record}, {"config", std::move(config)}});
  }
  return DumpJson({{"version", kVersion}, {"images", std::move(images)}}) + "\n";
}

absl::StatusOr<ResolvedImage> ResolveBuiltBase(absl::string_view name, const Platform& platform) {
  const std::string state(name.substr(kBuilt.size()));
  const std::string path = JoinPath(state, kBuiltBases);
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, path));
  if (JsonInt(json, "version") != kVersion)
    return absl::FailedPreconditionError(absl::StrCat(path, " is of another version; run gen again there"));
  const Json& images = JsonMember(json, "images");
  std::vector<std::string> platforms;
  for (const Json& image : images) {
    platforms.push_back(JsonString(image, "platform"));
    if (platforms.back() != platform.ToString() && images.size() > 1) continue;
    ResolvedImage out;
    out.source = absl::StrCat(kBuilt, JoinPath(state, JsonString(image, "record")));
    out.manifest = Sha256Of(out.source);
    out.config = DumpJson(JsonMember(image, "config"));
    return out;
  }
  return absl::NotFoundError(absl::StrCat("the image that is built in ", Dirname(state), " is for ",
                                          absl::StrJoin(platforms, ", "), ", not for ", platform.ToString()));
}

}  // namespace kasane
