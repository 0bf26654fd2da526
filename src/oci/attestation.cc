#include "src/oci/attestation.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "src/base/status.h"
#include "src/oci/reference.h"

namespace kasane {
namespace {

constexpr char kEmptyType[] = "application/vnd.oci.empty.v1+json";
constexpr char kArtifactType[] = "application/vnd.docker.attestation.manifest.v1+json";
constexpr char kStatementType[] = "application/vnd.in-toto+json";

Json Descriptor(const std::string& media_type, const Digest& digest, int64_t size) {
  Json json = Json::object();
  json["mediaType"] = media_type;
  json["digest"] = digest.ToString();
  json["size"] = size;
  return json;
}

}  // namespace

std::string ImageUrl(absl::string_view reference, absl::string_view platform) {
  const absl::StatusOr<Reference> parsed = ParseReference(reference);
  if (!parsed.ok()) return "";
  Reference name = *parsed;
  name.tag = name.digest = "";
  std::string url = absl::StrCat("pkg:docker/", name.Familiar());
  if (!parsed->tag.empty()) absl::StrAppend(&url, "@", parsed->tag);
  char separator = '?';
  if (!parsed->digest.empty()) {
    absl::StrAppend(&url, "?digest=", parsed->digest);
    separator = '&';
  }
  if (!platform.empty()) {
    absl::StrAppend(&url, std::string(1, separator),
                    "platform=", absl::StrReplaceAll(platform, {{"/", "%2F"}}));
  }
  return url;
}

absl::StatusOr<std::string> MakeStatement(const char* predicate_type, const Json& predicate,
                                          const Digest& image, const std::vector<std::string>& names,
                                          absl::string_view platform) {
  Json json = Json::object();
  json["_type"] = "https://in-toto.io/Statement/v1";
  json["predicateType"] = predicate_type;
  json["subject"] = Json::array();
  const auto add = [&](const std::string& name) {
    Json subject = Json::object();
    subject["name"] = name;
    subject["digest"] = {{"sha256", image.ToHex()}};
    json["subject"].push_back(std::move(subject));
  };
  for (const std::string& name : names) add(ImageUrl(name, platform));
  if (names.empty()) add("_");
  json["predicate"] = predicate;
  return DumpGoJson(json);
}

std::string MakeAttestationManifest(const ImageDescriptor& image, const std::vector<Record>& statements) {
  Json json = Json::object();
  json["schemaVersion"] = 2;
  json["mediaType"] = kOciManifestType;
  json["artifactType"] = kArtifactType;
  const absl::string_view config = kEmptyConfig;
  json["config"] = Descriptor(kEmptyType, Sha256Of(config), static_cast<int64_t>(config.size()));
  json["config"]["data"] = absl::Base64Escape(config);
  json["layers"] = Json::array();
  for (const Record& statement : statements) {
    Json layer = Descriptor(kStatementType, statement.manifest, statement.manifest_size);
    layer["annotations"] = {{"in-toto.io/predicate-type", statement.manifest_media_type}};
    json["layers"].push_back(std::move(layer));
  }
  json["subject"] = Descriptor(image.media_type, image.manifest, image.manifest_size);
  return DumpGoJson(json);
}

ImageDescriptor AttestationDescriptor(const ImageDescriptor& image, const std::string& manifest) {
  ImageDescriptor out;
  out.manifest = Sha256Of(manifest);
  out.manifest_size = static_cast<int64_t>(manifest.size());
  out.platform = Json::object();
  out.platform["architecture"] = "unknown";
  out.platform["os"] = "unknown";
  out.annotations = {{"vnd.docker.reference.digest", image.manifest.ToString()},
                     {"vnd.docker.reference.type", "attestation-manifest"}};
  return out;
}

}  // namespace kasane
