#include "src/oci/manifest_reader.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/status.h"

namespace kasane {

const char kManifestAccept[] =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json";

namespace {

constexpr char kOciIndex[] = "application/vnd.oci.image.index.v1+json";
constexpr char kOciManifest[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kDockerIndex[] = "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr char kDockerManifest[] = "application/vnd.docker.distribution.manifest.v2+json";
constexpr int kMaxNesting = 4;  // an index may name an index

bool IsIndexType(absl::string_view type) { return type == kOciIndex || type == kDockerIndex; }
bool IsManifestType(absl::string_view type) { return type == kOciManifest || type == kDockerManifest; }

bool IsLayerType(absl::string_view type) {
  return absl::StartsWith(type, "application/vnd.oci.image.layer.") ||
         absl::StartsWith(type, "application/vnd.docker.image.rootfs.");
}

// "text/plain; charset=utf-8" -> "text/plain"
std::string BareType(absl::string_view type) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(type.substr(0, type.find(';'))));
}

absl::StatusOr<std::string> ReadChecked(const Descriptor& d, bool is_manifest, const DocumentReader& read) {
  if (d.size < 0 || d.size > kMaxManifestSize) {
    return absl::DataLossError(absl::StrCat(d.digest.ToString(), " is said to have ", d.size, " bytes"));
  }
  ASSIGN_OR_RETURN(std::string bytes, read(d, is_manifest));
  if (static_cast<int64_t>(bytes.size()) != d.size) {
    return absl::DataLossError(
        absl::StrCat(d.digest.ToString(), " has ", bytes.size(), " bytes, its descriptor says ", d.size));
  }
  if (const Digest got = Sha256Of(bytes); got != d.digest) {
    return absl::DataLossError(
        absl::StrCat("wrong digest: expected ", d.digest.ToString(), ", got ", got.ToString()));
  }
  return bytes;
}

// What may stand in for `wanted`, the best first (containerd's order).
std::vector<Platform> Candidates(const Platform& wanted) {
  std::vector<Platform> out = {wanted};
  const auto add = [&](const std::string& architecture, const std::string& variant) {
    out.push_back({wanted.os, architecture, variant});
  };
  const auto add_arm_below = [&](int version) {
    for (; version >= 5; --version) add("arm", absl::StrCat("v", version));
  };
  int version = 0;
  if (absl::StartsWith(wanted.variant, "v") && !absl::SimpleAtoi(wanted.variant.substr(1), &version))
    version = 0;
  if (wanted.architecture == "amd64") {
    for (int v = version - 1; v >= 2; --v) add("amd64", absl::StrCat("v", v));
    if (version > 1) add("amd64", "");
    add("386", "");
  } else if (wanted.architecture == "arm") {
    add_arm_below(version - 1);
  } else if (wanted.architecture == "arm64") {
    for (int v = version - 1; v > 8; --v) add("arm64", absl::StrCat("v", v));
    if (!wanted.variant.empty()) add("arm64", "");
    add_arm_below(8);
  }
  return out;
}

bool SamePlatform(const Platform& a, const Platform& b) {
  return a.os == b.os && a.architecture == b.architecture && a.variant == b.variant;
}

// The platform that a JSON object tells (a descriptor's `platform`, a config). False if it tells none that we
// know.
bool ReadPlatform(const Json& json, Platform* out) {
  const std::string os = JsonString(json, "os"), architecture = JsonString(json, "architecture");
  if (os.empty() || architecture.empty() || os == "unknown" || architecture == "unknown") return false;
  const std::string variant = JsonString(json, "variant");
  auto platform = ParsePlatform(absl::StrCat(os, "/", architecture, variant.empty() ? "" : "/", variant));
  if (!platform.ok()) return false;
  *out = *std::move(platform);
  return true;
}

// The platform of an index entry that does not tell: its config's.
void LookUpPlatform(Descriptor* entry, const DocumentReader& read) {
  auto manifest = ReadChecked(*entry, true, read);
  if (!manifest.ok()) return;
  auto json = ParseJson(*manifest, "manifest");
  if (!json.ok()) return;
  auto config = ParseDescriptor(JsonMember(*json, "config"));
  if (!config.ok()) return;
  auto config_bytes = ReadChecked(*config, false, read);
  if (!config_bytes.ok()) return;
  auto config_json = ParseJson(*config_bytes, "config");
  entry->has_platform = config_json.ok() && ReadPlatform(*config_json, &entry->platform);
}

absl::StatusOr<ResolvedImage> ReadManifest(const Json& manifest, const Digest& digest,
                                           const DocumentReader& read) {
  ResolvedImage image;
  image.manifest = digest;
  auto config = ParseDescriptor(JsonMember(manifest, "config"));
  if (!config.ok()) return Annotate(config.status(), "the manifest's config");
  ASSIGN_OR_RETURN(image.config, ReadChecked(*config, false, read));
  auto config_json = ParseJson(image.config, "image config");
  if (!config_json.ok() || !JsonMember(*config_json, "rootfs").is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a container image (config of type ", config->media_type, ")"));
  }
  ASSIGN_OR_RETURN(const std::vector<Digest> diff_ids, ConfigDiffIds(*config_json));
  for (const Json& item : JsonMember(manifest, "layers")) {
    auto layer = ParseDescriptor(item);
    if (!layer.ok()) return Annotate(layer.status(), absl::StrCat("layer ", image.layers.size()));
    if (!IsLayerType(layer->media_type)) {
      return absl::InvalidArgumentError(
          absl::StrCat("not a container image (layer of type ", layer->media_type, ")"));
    }
    LayerInfo info;
    info.blob = layer->digest;
    info.size = layer->size;
    info.media_type = layer->media_type;
    if (image.layers.size() < diff_ids.size()) info.diff_id = diff_ids[image.layers.size()];
    image.layers.push_back(std::move(info));
  }
  if (image.layers.size() != diff_ids.size()) {
    return absl::DataLossError(absl::StrCat("the manifest has ", image.layers.size(), " layers, its config ",
                                            diff_ids.size(), " diff_ids"));
  }
  return image;
}

absl::StatusOr<ResolvedImage> Resolve(absl::string_view bytes, absl::string_view said_type,
                                      const Platform& platform, const DocumentReader& read, int depth) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(bytes, "manifest"));
  const std::string header_type = BareType(said_type);
  std::string type = JsonString(json, "mediaType");
  const bool has_manifests = JsonMember(json, "manifests").is_array();
  const bool has_layers = JsonMember(json, "layers").is_array();
  if (JsonInt(json, "schemaVersion") == 1) {
    return absl::InvalidArgumentError("its manifest is of Docker's schema 1, which is no longer supported");
  }
  // A document that can be read both ways means different images to different readers (CVE-2021-41190).
  if (has_manifests && (has_layers || json.contains("config"))) {
    return absl::DataLossError("its manifest is ambiguous: both an index and an image");
  }
  const bool known = IsIndexType(header_type) || IsManifestType(header_type);
  if (type.empty()) {
    type = known ? header_type : has_manifests ? kOciIndex : has_layers ? kOciManifest : header_type;
  } else if (known && type != header_type) {
    return absl::DataLossError(absl::StrCat("its manifest says ", type, ", the registry ", header_type));
  }
  if (IsIndexType(type) && !has_layers) {
    if (depth >= kMaxNesting) return absl::DataLossError("its indexes are nested too deep");
    ASSIGN_OR_RETURN(const Descriptor chosen, ChoosePlatform(IndexEntries(json), platform, read));
    ASSIGN_OR_RETURN(const std::string manifest, ReadChecked(chosen, true, read));
    return Resolve(manifest, chosen.media_type, platform, read, depth + 1);
  }
  if (IsManifestType(type) && has_layers) return ReadManifest(json, Sha256Of(bytes), read);
  return absl::InvalidArgumentError(
      absl::StrCat("not a container image (", type.empty() ? "unknown type" : type, ")"));
}

}  // namespace

absl::StatusOr<Descriptor> ParseDescriptor(const Json& json) {
  if (!json.is_object()) return absl::DataLossError("the descriptor is missing");
  Descriptor out;
  out.media_type = JsonString(json, "mediaType");
  ASSIGN_OR_RETURN(out.digest, Digest::Parse(JsonString(json, "digest")));
  out.size = JsonInt(json, "size", -1);
  if (out.size < 0) return absl::DataLossError(absl::StrCat("no size for ", out.digest.ToString()));
  out.has_platform = JsonMember(json, "platform").is_object();
  if (out.has_platform && !ReadPlatform(JsonMember(json, "platform"), &out.platform)) {
    out.platform = {"unknown", "unknown", ""};  // an attestation, or a system that is not ours
  }
  out.ref_name = JsonString(JsonMember(json, "annotations"), "org.opencontainers.image.ref.name");
  return out;
}

std::vector<Descriptor> IndexEntries(const Json& index) {
  std::vector<Descriptor> out;
  for (const Json& item : JsonMember(index, "manifests")) {
    if (auto entry = ParseDescriptor(item); entry.ok()) out.push_back(*std::move(entry));
  }
  return out;
}

absl::StatusOr<Descriptor> ChoosePlatform(const std::vector<Descriptor>& entries, const Platform& platform,
                                          const DocumentReader& read) {
  std::vector<Descriptor> known = entries;
  for (Descriptor& entry : known) {
    if (!entry.has_platform && !IsIndexType(entry.media_type)) LookUpPlatform(&entry, read);
  }
  for (const Platform& candidate : Candidates(platform)) {
    for (const Descriptor& entry : known) {
      if (entry.has_platform && SamePlatform(entry.platform, candidate)) return entry;
    }
  }
  for (const Descriptor& entry : known) {  // a nested index tells its platforms itself
    if (!entry.has_platform && IsIndexType(entry.media_type)) return entry;
  }
  std::vector<std::string> offered;
  for (const Descriptor& entry : known) {
    if (entry.has_platform && entry.platform.os != "unknown") offered.push_back(entry.platform.ToString());
  }
  return absl::NotFoundError(
      absl::StrCat("no image for ", platform.ToString(),
                   offered.empty() ? "" : absl::StrCat(" (it has ", absl::StrJoin(offered, ", "), ")")));
}

absl::StatusOr<std::vector<Digest>> ConfigDiffIds(const Json& config) {
  std::vector<Digest> out;
  for (const std::string& text : JsonStrings(JsonMember(config, "rootfs"), "diff_ids")) {
    ASSIGN_OR_RETURN(const Digest diff_id, Digest::Parse(text));
    out.push_back(diff_id);
  }
  return out;
}

absl::StatusOr<ResolvedImage> ResolveManifest(absl::string_view bytes, absl::string_view media_type,
                                              const Platform& platform, const DocumentReader& read) {
  return Resolve(bytes, media_type, platform, read, 0);
}

}  // namespace kasane
