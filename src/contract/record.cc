#include "src/contract/record.h"

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int kRecordVersion = 1;

void PutDigest(Json* json, const char* key, const Digest& digest) {
  if (!digest.empty()) (*json)[key] = digest.ToString();
}

void PutText(Json* json, const char* key, const std::string& text) {
  if (!text.empty()) (*json)[key] = text;
}

absl::Status GetDigest(const Json& json, const char* key, Digest* out) {
  const Json& member = JsonMember(json, key);
  if (member.is_null()) return absl::OkStatus();
  ASSIGN_OR_RETURN(*out, Digest::Parse(JsonString(json, key)));
  return absl::OkStatus();
}

absl::Status DecodeFields(const Json& json, Record* r) {
  r->kind = JsonString(json, "kind");
  RETURN_IF_ERROR(GetDigest(json, "delta", &r->delta));
  RETURN_IF_ERROR(GetDigest(json, "tree", &r->tree));
  r->created = JsonString(json, "created");
  r->started = JsonString(json, "started");
  RETURN_IF_ERROR(GetDigest(json, "log", &r->log));
  r->gaps = JsonStrings(json, "gaps");
  RETURN_IF_ERROR(GetDigest(json, "warm", &r->warm));
  for (const Json& item : JsonMember(json, "layers")) {
    LayerInfo layer;
    RETURN_IF_ERROR(GetDigest(item, "diff_id", &layer.diff_id));
    RETURN_IF_ERROR(GetDigest(item, "blob", &layer.blob));
    layer.size = JsonInt(item, "size");
    layer.media_type = JsonString(item, "media_type");
    r->layers.push_back(std::move(layer));
  }
  RETURN_IF_ERROR(GetDigest(json, "manifest", &r->manifest));
  r->manifest_size = JsonInt(json, "manifest_size");
  r->manifest_media_type = JsonString(json, "manifest_media_type");
  return GetDigest(json, "config", &r->config);
}

}  // namespace

std::string EncodeRecord(const Record& r) {
  Json json = Json::object();
  json["version"] = kRecordVersion;
  json["kind"] = r.kind;
  PutDigest(&json, "delta", r.delta);
  PutDigest(&json, "tree", r.tree);
  PutText(&json, "created", r.created);
  PutText(&json, "started", r.started);
  PutDigest(&json, "log", r.log);
  if (!r.gaps.empty()) json["gaps"] = r.gaps;
  PutDigest(&json, "warm", r.warm);
  for (const LayerInfo& layer : r.layers) {
    Json item = Json::object();
    PutDigest(&item, "diff_id", layer.diff_id);
    PutDigest(&item, "blob", layer.blob);
    item["size"] = layer.size;
    PutText(&item, "media_type", layer.media_type);
    json["layers"].push_back(std::move(item));
  }
  PutDigest(&json, "manifest", r.manifest);
  if (r.manifest_size != 0) json["manifest_size"] = r.manifest_size;
  PutText(&json, "manifest_media_type", r.manifest_media_type);
  PutDigest(&json, "config", r.config);
  return DumpJson(json) + "\n";
}

absl::StatusOr<Record> DecodeRecord(absl::string_view text, absl::string_view name) {
  ASSIGN_OR_RETURN(Json json, ParseJson(text, name));
  if (JsonInt(json, "version") != kRecordVersion) {
    return absl::FailedPreconditionError(absl::StrCat(name, " is a record of another version"));
  }
  Record record;
  if (absl::Status status = DecodeFields(json, &record); !status.ok()) return Annotate(status, name);
  return record;
}

absl::StatusOr<Record> ReadRecord(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  return DecodeRecord(text, path);
}

absl::StatusOr<bool> WriteRecord(const std::string& path, const Record& record) {
  return WriteFileIfChanged(path, EncodeRecord(record));
}

absl::StatusOr<Chain> ReadChain(const std::vector<std::string>& record_paths) {
  Chain chain;
  for (const std::string& path : record_paths) {
    ASSIGN_OR_RETURN(Record record, ReadRecord(path));
    if (!record.tree.empty()) {
      if (!chain.deltas.empty() || !chain.base_tree.empty()) {
        return absl::InvalidArgumentError(absl::StrCat(path, " is a base record above other records"));
      }
      chain.base_tree = record.tree;
    } else if (!record.delta.empty()) {
      chain.deltas.push_back(record.delta);
    } else {
      return absl::InvalidArgumentError(absl::StrCat(path, " names neither a tree nor a delta"));
    }
  }
  return chain;
}

}  // namespace kasane
