#include "src/contract/spec.h"

#include <type_traits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/base/utf8.h"

namespace kasane {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// One list of fields per spec serves both directions: a Writer leaves default values out, a Reader fills them
// in.
class Writer {
 public:
  explicit Writer(Json* json) : json_(json) {}
  void Field(const char* key, const std::string& value, const char* fallback = "") {
    if (value != fallback) (*json_)[key] = value;
  }
  void Field(const char* key, bool value) {
    if (value) (*json_)[key] = true;
  }
  template <typename Int, typename = std::enable_if_t<std::is_integral_v<Int> && !std::is_same_v<Int, bool>>>
  void Field(const char* key, Int value, Int fallback = 0) {
    if (value != fallback) (*json_)[key] = value;
  }
  void Field(const char* key, const Digest& value) {
    if (!value.empty()) (*json_)[key] = value.ToString();
  }
  void Field(const char* key, const std::vector<std::string>& value) {
    if (!value.empty()) (*json_)[key] = value;
  }
  void Field(const char* key, const std::vector<Digest>& value) {
    if (value.empty()) return;
    Json& list = (*json_)[key] = Json::array();
    for (const Digest& digest : value) list.push_back(digest.ToString());
  }
  void Field(const char* key, const std::vector<int>& value) {
    if (!value.empty()) (*json_)[key] = value;
  }
  void Field(const char* key, const Pairs& value) {
    if (value.empty()) return;
    Json& list = (*json_)[key] = Json::array();
    for (const auto& [name, content] : value) {
      if (IsUtf8(content)) {
        list.push_back(Json::array({name, content}));
      } else {
        // A file in a Dockerfile need not be text, JSON must.
        list.push_back(Json::array({name, absl::Base64Escape(content), "base64"}));
      }
    }
  }
  void Field(const char* key, const Epoch& value) {
    if (value.has_value()) (*json_)[key] = *value;
  }
  void Field(const char* key, const Json& value) {
    if (!value.is_null()) (*json_)[key] = value;
  }
  template <typename T>
  void List(const char* key, const std::vector<T>& items) {
    if (items.empty()) return;
    Json& list = (*json_)[key] = Json::array();
    for (const T& item : items) {
      Json object = Json::object();
      Writer writer(&object);
      Fields(&writer, const_cast<T*>(&item));
      list.push_back(std::move(object));
    }
  }

 private:
  Json* json_;
};

class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}
  bool ok() const { return ok_; }
  void Field(const char* key, std::string& value, const char* fallback = "") {
    value = JsonString(json_, key, fallback);
  }
  void Field(const char* key, bool& value) { value = JsonBool(json_, key); }
  template <typename Int, typename = std::enable_if_t<std::is_integral_v<Int> && !std::is_same_v<Int, bool>>>
  void Field(const char* key, Int& value, Int fallback = 0) {
    value = static_cast<Int>(JsonInt(json_, key, fallback));
  }
  void Field(const char* key, Digest& value) {
    const Json& member = JsonMember(json_, key);
    if (!member.is_null()) value = ParseDigest(member);
  }
  void Field(const char* key, std::vector<std::string>& value) { value = JsonStrings(json_, key); }
  void Field(const char* key, std::vector<Digest>& value) {
    for (const Json& item : JsonMember(json_, key)) value.push_back(ParseDigest(item));
  }
  void Field(const char* key, std::vector<int>& value) {
    for (const Json& item : JsonMember(json_, key)) {
      if (!item.is_number_integer()) ok_ = false;
      if (ok_) value.push_back(item.get<int>());
    }
  }
  void Field(const char* key, Pairs& value) {
    for (const Json& item : JsonMember(json_, key)) {
      const bool pair = item.is_array() && item.size() >= 2 && item[0].is_string() && item[1].is_string();
      std::string content = pair ? item[1].get<std::string>() : "";
      if (pair && item.size() == 3) {
        const std::string text = content;
        ok_ = ok_ && item[2] == "base64" && absl::Base64Unescape(text, &content);
      }
      ok_ = ok_ && pair && item.size() <= 3;
      if (pair) value.emplace_back(item[0].get<std::string>(), std::move(content));
    }
  }
  void Field(const char* key, Epoch& value) {
    const Json& member = JsonMember(json_, key);
    if (member.is_number_integer()) value = member.get<int64_t>();
  }
  void Field(const char* key, Json& value) { value = JsonMember(json_, key); }
  template <typename T>
  void List(const char* key, std::vector<T>& items) {
    for (const Json& item : JsonMember(json_, key)) {
      Reader reader(item);
      items.emplace_back();
      Fields(&reader, &items.back());
      ok_ = ok_ && reader.ok();
    }
  }

 private:
  Digest ParseDigest(const Json& value) {
    absl::StatusOr<Digest> digest =
        Digest::Parse(value.is_string() ? value.get<std::string>() : std::string());
    if (!digest.ok()) ok_ = false;
    return digest.value_or(Digest());
  }

  const Json& json_;
  bool ok_ = true;
};

template <typename V>
void Fields(V* v, PullSpec* s) {
  v->Field("source", s->source);
  v->Field("blob", s->blob);
  v->Field("size", s->size);
  v->Field("media_type", s->media_type);
  v->Field("diff_id", s->diff_id);
}

template <typename V>
void Fields(V* v, BaseSpec* s) {
  v->Field("diff_ids", s->diff_ids);
  v->Field("built", s->built);
}

template <typename V>
void Fields(V* v, CopySpec* s) {
  v->Field("sources", s->sources);
  v->Field("destination", s->destination);
  v->Field("from", s->from, "context");
  v->Field("chown", s->chown);
  v->Field("chmod", s->chmod);
  v->Field("link", s->link);
  v->Field("parents", s->parents);
  v->Field("excludes", s->excludes);
  v->Field("inline_files", s->inline_files);
  v->Field("remotes", s->remotes);
  v->Field("unpack", s->unpack);
  v->Field("unpack_remotes", s->unpack_remotes);
  v->Field("epoch", s->epoch);
}

template <typename V>
void Fields(V* v, WorkdirSpec* s) {
  v->Field("path", s->path);
  v->Field("user", s->user);
  v->Field("epoch", s->epoch);
}

template <typename V>
void Fields(V* v, MountSpec* s) {
  v->Field("type", s->type);
  v->Field("target", s->target);
  v->Field("source", s->source);
  v->Field("from", s->from);
  v->Field("records", s->records);
  v->Field("id", s->id);
  v->Field("sharing", s->sharing);
  v->Field("needed", s->needed);
  v->Field("env", s->env);
  v->Field("read_only", s->read_only);
  v->Field("required", s->required);
  v->Field("size", s->size);
  v->Field("mode", s->mode, int64_t{-1});
  v->Field("uid", s->uid, int64_t{-1});
  v->Field("gid", s->gid, int64_t{-1});
}

template <typename V>
void Fields(V* v, DeviceSpec* s) {
  v->Field("name", s->name);
  v->Field("required", s->required);
}

template <typename V>
void Fields(V* v, DeviceNodeSpec* s) {
  v->Field("path", s->path);
  v->Field("host", s->host);
  v->Field("type", s->type);
  v->Field("major", s->major);
  v->Field("minor", s->minor);
  v->Field("mode", s->mode, int64_t{-1});
  v->Field("uid", s->uid, int64_t{-1});
  v->Field("gid", s->gid, int64_t{-1});
  v->Field("access", s->access);
}

template <typename V>
void Fields(V* v, DeviceMountSpec* s) {
  v->Field("source", s->source);
  v->Field("target", s->target);
  v->Field("options", s->options);
  v->Field("files", s->files);
}

template <typename V>
void Fields(V* v, RunSpec* s) {
  v->Field("argv", s->argv);
  v->Field("env", s->env);
  v->Field("proxy_env", s->proxy_env);
  v->Field("user", s->user);
  v->Field("workdir", s->workdir);
  v->Field("network", s->network, "default");
  v->Field("security", s->security, "sandbox");
  v->Field("hostname", s->hostname, "buildkitsandbox");
  v->Field("add_hosts", s->add_hosts);
  v->Field("ulimits", s->ulimits);
  v->Field("shm_size", s->shm_size);
  v->List("mounts", s->mounts);
  v->List("devices", s->devices);
  v->Field("device_env", s->device_env);
  v->List("device_nodes", s->device_nodes);
  v->List("device_mounts", s->device_mounts);
  v->Field("device_groups", s->device_groups);
  v->Field("platform", s->platform);
  v->Field("profiles", s->profiles);
  v->Field("stat_level", s->stat_level, int64_t{1});
  v->Field("warm", s->warm);
  v->Field("inline_files", s->inline_files);
  v->Field("epoch", s->epoch);
}

template <typename V>
void Fields(V* v, LayerSpec* s) {
  v->Field("compression", s->compression, "gzip");
  v->Field("level", s->level, 6);
  v->Field("epoch", s->epoch);
}

template <typename V>
void Fields(V* v, ImageSpec::History* s) {
  v->Field("created_by", s->created_by);
  v->Field("comment", s->comment);
  v->Field("author", s->author);
  v->Field("step", s->step, -1);
}

template <typename V>
void Fields(V* v, ImageSpec* s) {
  v->Field("config", s->config);
  v->List("history", s->history);
  v->Field("has_base", s->has_base);
  v->Field("steps", s->steps);
  v->Field("grouped", s->grouped);
  v->Field("names", s->names);
  v->Field("annotations", s->annotations);
  v->Field("platform", s->platform);
  v->Field("part", s->part);
  v->Field("epoch", s->epoch);
}

template <typename V>
void Fields(V* v, IndexSpec::Part* s) {
  v->Field("annotations", s->annotations);
  v->Field("statements", s->statements);
}

template <typename V>
void Fields(V* v, IndexSpec* s) {
  v->List("parts", s->parts);
  v->Field("names", s->names);
  v->Field("annotations", s->annotations);
  v->Field("descriptor_annotations", s->descriptor_annotations);
}

template <typename V>
void Fields(V* v, ArchiveSpec* s) {
  v->Field("names", s->names);
  v->Field("descriptor_annotations", s->descriptor_annotations);
}

template <typename V>
void Fields(V* v, PushSpec* s) {
  v->Field("names", s->names);
}

template <typename V>
void Fields(V* v, HttpSpec* s) {
  v->Field("url", s->url);
  v->Field("name", s->name);
  v->Field("checksum", s->checksum);
}

template <typename V>
void Fields(V* v, GitSpec* s) {
  v->Field("remote", s->remote);
  v->Field("ref", s->ref);
  v->Field("commit", s->commit);
  v->Field("subdir", s->subdir);
  v->Field("keep_git_dir", s->keep_git_dir);
  v->Field("skip_submodules", s->skip_submodules);
  v->Field("commit_time", s->commit_time);
}

template <typename V>
void Fields(V* v, SbomSpec* s) {
  v->Field("names", s->names);
  v->Field("platform", s->platform);
}

template <typename V>
void Fields(V* v, ProvenanceSpec::Material* s) {
  v->Field("uri", s->uri);
  v->Field("digest", s->digest);
  v->Field("step", s->step, -1);
  v->Field("commit", s->commit);
}

template <typename V>
void Fields(V* v, ProvenanceSpec::Step* s) {
  v->Field("spec", s->spec);
  v->Field("below", s->below);
  v->Field("source", s->source);
  v->Field("text", s->text);
  v->Field("stage", s->stage);
}

template <typename V>
void Fields(V* v, ProvenanceSpec* s) {
  v->Field("names", s->names);
  v->Field("platform", s->platform);
  v->Field("build_platform", s->build_platform);
  v->Field("full", s->is_full);
  v->Field("request", s->request);
  v->Field("secrets", s->secrets);
  v->Field("ssh", s->ssh);
  v->List("materials", s->materials);
  v->List("steps", s->steps);
  v->Field("target", s->target);
  v->Field("epoch", s->epoch);
}

constexpr absl::string_view kKinds[] = {"pull",    "base", "copy", "workdir", "run",   "layer", "image",
                                        "archive", "push", "http", "git",     "index", "sbom",  "provenance"};
static_assert(std::variant_size_v<Spec> == sizeof(kKinds) / sizeof(kKinds[0]));

template <size_t I = 0>
absl::StatusOr<Spec> DecodeAs(size_t index, const Json& json) {
  if constexpr (I < std::variant_size_v<Spec>) {
    if (I != index) return DecodeAs<I + 1>(index, json);
    std::variant_alternative_t<I, Spec> spec;
    Reader reader(json);
    Fields(&reader, &spec);
    if (!reader.ok()) return absl::InvalidArgumentError("malformed spec");
    return Spec(std::move(spec));
  }
  return absl::InternalError("no such kind of spec");
}

}  // namespace

absl::string_view SpecKind(const Spec& spec) { return kKinds[spec.index()]; }

std::string EncodeSpec(const Spec& spec) {
  Json json = Json::object();
  json["format"] = kSpecFormat;
  json["kind"] = std::string(SpecKind(spec));
  Writer writer(&json);
  std::visit([&](const auto& s) { Fields(&writer, const_cast<std::decay_t<decltype(s)>*>(&s)); }, spec);
  return DumpJson(json);
}

Digest SpecDigest(const Spec& spec) { return Sha256Of(EncodeSpec(spec)); }

absl::StatusOr<Spec> DecodeSpec(absl::string_view text) {
  ASSIGN_OR_RETURN(Json json, ParseJson(text, "a spec"));
  if (JsonInt(json, "format") != kSpecFormat) {
    return absl::FailedPreconditionError("the spec is of another format; run gen again");
  }
  std::string kind = JsonString(json, "kind");
  for (size_t i = 0; i < std::variant_size_v<Spec>; ++i) {
    if (kind == kKinds[i]) return DecodeAs(i, json);
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown kind of spec: ", kind));
}

}  // namespace kasane
