#include "src/oci/image_config.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "src/base/status.h"
#include "src/oci/reference.h"

namespace kasane {
namespace {

// The fields of a config's `config` object in the order of Go's struct; others follow as they come.
constexpr const char* kConfigKeys[] = {"User",        "ExposedPorts", "Env",    "Entrypoint", "Cmd",
                                       "Volumes",     "WorkingDir",   "Labels", "StopSignal", "ArgsEscaped",
                                       "Healthcheck", "OnBuild",      "Shell"};
constexpr const char* kHistoryKeys[] = {"created", "created_by", "author", "comment", "empty_layer"};

// The members of `json` named in `keys`, in that order.
template <size_t N>
Json Pick(const Json& json, const char* const (&keys)[N]) {
  Json out = Json::object();
  for (const char* key : keys) {
    const Json& member = JsonMember(json, key);
    if (!member.is_null()) out[key] = member;
  }
  return out;
}

Json OrderConfig(const Json& config) {
  Json out = Pick(config, kConfigKeys);
  for (const auto& [key, value] : config.items()) {
    if (!out.contains(key)) out[key] = value;
  }
  return out;
}

// Go writes maps sorted by key: the document's top level, and these members of `config`.
Json Sorted(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  Json out = Json::object();
  for (const std::string& key : keys) out[key] = object[key];
  return out;
}

struct HistoryEntry {
  Json json;  // without `created`
  std::string created;
  bool empty_layer = false;
  bool of_base = false;
};

std::vector<HistoryEntry> CollectHistory(const ImageSpec& spec) {
  std::vector<HistoryEntry> history;
  for (const Json& item : JsonMember(spec.config, "history")) {
    HistoryEntry entry;
    entry.json = Pick(item, kHistoryKeys);
    entry.created = JsonString(item, "created");
    entry.empty_layer = JsonBool(item, "empty_layer");
    entry.of_base = true;
    history.push_back(std::move(entry));
  }
  for (const ImageSpec::History& item : spec.history) {
    HistoryEntry entry;
    entry.json = Json::object();
    if (!item.created_by.empty()) entry.json["created_by"] = item.created_by;
    if (!item.author.empty()) entry.json["author"] = item.author;
    if (!item.comment.empty()) entry.json["comment"] = item.comment;
    entry.empty_layer = item.step < 0;
    history.push_back(std::move(entry));
  }
  return history;
}

// One entry without `empty_layer` for each layer, in the order of the layers.
void MatchLayers(size_t layers, std::vector<HistoryEntry>* history) {
  size_t claimed = 0;
  for (HistoryEntry& entry : *history) {
    if (claimed == layers) entry.empty_layer = true;
    if (!entry.empty_layer) ++claimed;
  }
  for (; claimed < layers; ++claimed) {
    HistoryEntry entry;
    entry.json = Json::object();
    entry.json["comment"] = "buildkit.exporter.image.v0";
    history->push_back(std::move(entry));
  }
}

void FillTimes(const std::vector<ImageLayer>& layers, std::vector<HistoryEntry>* history) {
  size_t layer = 0;
  for (HistoryEntry& entry : *history) {
    if (entry.empty_layer) continue;
    if (entry.created.empty()) entry.created = layers[layer].created;
    ++layer;
  }
  // The first entries without a time are the metadata before the first new layer: they take that layer's
  // time, or, if there is none, the last time of all.
  std::string created;
  bool gap = false;
  for (const HistoryEntry& entry : *history) {
    if (entry.created.empty()) {
      gap = true;
    } else {
      created = entry.created;
      if (gap) break;
    }
  }
  gap = false;
  for (HistoryEntry& entry : *history) {
    if (entry.created.empty()) {
      gap = true;
      entry.created = created;
    } else if (gap) {
      created = entry.created;
    }
  }
}

std::string FormatEpoch(int64_t epoch) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(epoch), absl::UTCTimeZone());
}

Json DescriptorJson(absl::string_view media_type, const Digest& digest, int64_t size) {
  Json json = Json::object();
  json["mediaType"] = std::string(media_type);
  json["digest"] = digest.ToString();
  json["size"] = size;
  return json;
}

Json AnnotationsJson(const IndexSpec::Annotations& annotations) {
  Json json = Json::object();
  for (const auto& [key, value] : annotations) json[key] = value;
  return json;
}

// `more`: further annotations; an object.
Json ImageDescriptorJson(const ImageDescriptor& image, const Json& more) {
  Json json = DescriptorJson(image.media_type, image.manifest, image.manifest_size);
  Json annotations = AnnotationsJson(image.annotations);
  annotations.update(more);
  if (!annotations.empty()) json["annotations"] = Sorted(annotations);
  if (!image.platform.empty()) json["platform"] = image.platform;
  return json;
}

Json IndexJson(Json manifests) {
  Json json = Json::object();
  json["schemaVersion"] = 2;
  json["mediaType"] = kOciIndexType;
  json["manifests"] = std::move(manifests);
  return json;
}

}  // namespace

std::string DumpGoJson(const Json& json) {
  // These characters stand in strings only, so the text can be edited as a whole.
  return absl::StrReplaceAll(DumpJson(json), {{"&", "\\u0026"},
                                              {"<", "\\u003c"},
                                              {">", "\\u003e"},
                                              {"\xe2\x80\xa8", "\\u2028"},
                                              {"\xe2\x80\xa9", "\\u2029"}});
}

std::string OciLayerType(absl::string_view media_type) {
  constexpr absl::string_view kOci = "application/vnd.oci.image.layer.";
  if (!absl::ConsumePrefix(&media_type, "application/vnd.docker.image.rootfs."))
    return std::string(media_type);
  if (absl::ConsumePrefix(&media_type, "foreign.diff.tar")) {
    return absl::StrCat(kOci, "nondistributable.v1.tar", media_type == ".gzip" ? "+gzip" : "");
  }
  absl::ConsumePrefix(&media_type, "diff.tar");
  if (media_type == ".gzip") return absl::StrCat(kOci, "v1.tar+gzip");
  if (media_type == ".zstd") return absl::StrCat(kOci, "v1.tar+zstd");
  return absl::StrCat(kOci, "v1.tar");
}

absl::StatusOr<std::string> FinishConfig(const ImageSpec& spec, const std::vector<ImageLayer>& layers) {
  if (!spec.config.is_object()) return absl::InvalidArgumentError("the image's config is no object");
  std::vector<HistoryEntry> history = CollectHistory(spec);
  MatchLayers(layers.size(), &history);
  FillTimes(layers, &history);

  Json config = spec.config;
  config.erase("created");
  Json items = Json::array();
  for (HistoryEntry& entry : history) {
    if (spec.epoch && !entry.of_base) entry.created = FormatEpoch(*spec.epoch);
    if (entry.created.empty()) {
      entry.json.erase("created");
    } else {
      entry.json["created"] = entry.created;
      config["created"] = entry.created;
    }
    entry.json.erase("empty_layer");
    if (entry.empty_layer) entry.json["empty_layer"] = true;
    items.push_back(Pick(entry.json, kHistoryKeys));
  }
  config["history"] = std::move(items);

  Json diff_ids = Json::array();
  for (const ImageLayer& layer : layers) diff_ids.push_back(layer.info.diff_id.ToString());
  Json rootfs = Json::object();
  rootfs["type"] = "layers";
  rootfs["diff_ids"] = std::move(diff_ids);
  config["rootfs"] = std::move(rootfs);

  Json inner = OrderConfig(JsonMember(config, "config"));
  for (const char* map : {"ExposedPorts", "Volumes", "Labels"}) {
    if (JsonMember(inner, map).is_object()) inner[map] = Sorted(inner[map]);
  }
  config["config"] = std::move(inner);
  return DumpGoJson(Sorted(config));
}

std::string MakeManifest(const ImageSpec& spec, absl::string_view config,
                         const std::vector<ImageLayer>& layers) {
  Json json = Json::object();
  json["schemaVersion"] = 2;
  json["mediaType"] = kOciManifestType;
  json["config"] = DescriptorJson(kOciConfigType, Sha256Of(config), static_cast<int64_t>(config.size()));
  json["layers"] = Json::array();
  for (const ImageLayer& layer : layers) {
    json["layers"].push_back(
        DescriptorJson(OciLayerType(layer.info.media_type), layer.info.blob, layer.info.size));
  }
  if (!spec.annotations.empty()) json["annotations"] = Sorted(AnnotationsJson(spec.annotations));
  return DumpGoJson(json);
}

Json PlatformOf(const Json& config) {
  static constexpr const char* kKeys[] = {"architecture", "os", "os.version", "os.features", "variant"};
  return Pick(config, kKeys);
}

std::string MakeImageIndex(const IndexSpec& spec, const std::vector<ImageDescriptor>& parts) {
  Json manifests = Json::array();
  for (const ImageDescriptor& part : parts) manifests.push_back(ImageDescriptorJson(part, Json::object()));
  Json json = IndexJson(std::move(manifests));
  if (!spec.annotations.empty()) json["annotations"] = Sorted(AnnotationsJson(spec.annotations));
  return DumpGoJson(json);
}

absl::StatusOr<std::string> MakeIndex(const ImageDescriptor& image) {
  Json manifests = Json::array();
  auto add = [&](const Json& annotations) { manifests.push_back(ImageDescriptorJson(image, annotations)); };
  for (const std::string& name : image.names) {
    ASSIGN_OR_RETURN(Reference reference, ParseReference(name));
    Json annotations = Json::object();
    annotations["io.containerd.image.name"] = reference.ToString();
    if (!reference.tag.empty()) annotations["org.opencontainers.image.ref.name"] = reference.tag;
    add(annotations);
  }
  if (image.names.empty()) add(Json::object());
  return DumpGoJson(IndexJson(std::move(manifests)));
}

absl::StatusOr<std::string> MakeDockerManifest(const Digest& config, const std::vector<Digest>& layers,
                                               const std::vector<std::string>& names) {
  Json item = Json::object();
  item["Config"] = BlobPath(config);
  item["RepoTags"] = nullptr;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(Reference reference, ParseReference(name));
    if (!reference.tag.empty()) item["RepoTags"].push_back(reference.Familiar());
  }
  item["Layers"] = Json::array();
  for (const Digest& layer : layers) item["Layers"].push_back(BlobPath(layer));
  Json json = Json::array();
  json.push_back(std::move(item));
  return DumpGoJson(json);
}

std::string BlobPath(const Digest& digest) { return absl::StrCat("blobs/sha256/", digest.ToHex()); }

}  // namespace kasane
