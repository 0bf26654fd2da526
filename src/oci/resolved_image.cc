#include "src/oci/resolved_image.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/oci/built_base.h"
#include "src/oci/image_source.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;

}  // namespace

absl::StatusOr<ResolvedImage> ImageResolver::ResolveLocal(const std::string& name, const Platform& platform) {
  return absl::StartsWith(name, kBuilt) ? ResolveBuiltBase(name, platform)
                                        : ResolveLocalImage(name, platform);
}

std::string EncodeResolvedImage(const ResolvedImage& image) {
  Json json = Json::object();
  json["version"] = kVersion;
  if (!image.reference.domain.empty()) json["reference"] = image.reference.ToString();
  json["manifest"] = image.manifest.ToString();
  json["source"] = image.source;
  json["config"] = image.config;
  json["layers"] = Json::array();
  for (const LayerInfo& layer : image.layers) {
    Json item = Json::object();
    item["diff_id"] = layer.diff_id.ToString();
    item["blob"] = layer.blob.ToString();
    item["size"] = layer.size;
    item["media_type"] = layer.media_type;
    json["layers"].push_back(std::move(item));
  }
  return DumpJson(json);
}

absl::StatusOr<ResolvedImage> DecodeResolvedImage(absl::string_view text, absl::string_view what) {
  ASSIGN_OR_RETURN(Json json, ParseJson(text, what));
  if (JsonInt(json, "version") != kVersion) {
    return absl::FailedPreconditionError(absl::StrCat(what, " is of another version"));
  }
  ResolvedImage image;
  if (const std::string reference = JsonString(json, "reference"); !reference.empty()) {
    ASSIGN_OR_RETURN(image.reference, ParseReference(reference));
  }
  ASSIGN_OR_RETURN(image.manifest, Digest::Parse(JsonString(json, "manifest")));
  image.source = JsonString(json, "source");
  image.config = JsonString(json, "config");
  for (const Json& item : JsonMember(json, "layers")) {
    LayerInfo layer;
    ASSIGN_OR_RETURN(layer.diff_id, Digest::Parse(JsonString(item, "diff_id")));
    ASSIGN_OR_RETURN(layer.blob, Digest::Parse(JsonString(item, "blob")));
    layer.size = JsonInt(item, "size");
    layer.media_type = JsonString(item, "media_type");
    image.layers.push_back(std::move(layer));
  }
  return image;
}

}  // namespace kasane
