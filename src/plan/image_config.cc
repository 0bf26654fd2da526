#include "src/plan/image_config.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {
namespace {

std::set<std::string> Keys(const Json& object) {
  std::set<std::string> out;
  if (!object.is_object()) return out;
  for (const auto& item : object.items()) out.insert(item.key());
  return out;
}

// Appends a member unless it is empty.
void Put(Json* out, const char* key, const std::string& value) {
  if (!value.empty()) (*out)[key] = value;
}
void Put(Json* out, const char* key, const std::vector<std::string>& value) {
  if (!value.empty()) (*out)[key] = value;
}
void Put(Json* out, const char* key, int64_t value) {
  if (value != 0) (*out)[key] = value;
}
void Put(Json* out, const char* key, const std::set<std::string>& value) {
  for (const std::string& name : value) (*out)[key][name] = Json::object();
}

}  // namespace

void ImageConfig::SetEnv(absl::string_view name, absl::string_view value) {
  const std::string entry = absl::StrCat(name, "=", value);
  for (std::string& e : env) {
    if (absl::string_view(e).substr(0, e.find('=')) == name) {
      e = entry;
      return;
    }
  }
  env.push_back(entry);
}

bool ImageConfig::HasEnv(absl::string_view name) const {
  for (const std::string& e : env) {
    if (absl::string_view(e).substr(0, e.find('=')) == name) return true;
  }
  return false;
}

ImageConfig ScratchConfig(const Platform& platform) {
  ImageConfig out;
  out.os = platform.os;
  out.architecture = platform.architecture;
  out.variant = platform.variant;
  out.working_dir = std::string("/");  // GCC 12 at -O2 sees an overlap in assigning the literal
  out.env = {absl::StrCat("PATH=", kDefaultPath)};
  return out;
}

absl::StatusOr<ImageConfig> ParseImageConfig(absl::string_view json, absl::string_view name) {
  ASSIGN_OR_RETURN(Json document, ParseJson(json, absl::StrCat("the config of ", name)));
  if (!document.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat("the config of ", name, " is not a JSON object"));
  }
  ImageConfig out;
  out.author = JsonString(document, "author");
  out.architecture = JsonString(document, "architecture");
  out.os = JsonString(document, "os");
  out.variant = JsonString(document, "variant");
  out.os_version = JsonString(document, "os.version");
  out.os_features = JsonStrings(document, "os.features");
  for (const Json& entry : JsonMember(document, "history")) {
    // Rewritten with the members that BuildKit knows.
    Json kept = Json::object();
    for (const char* key : {"created", "created_by", "author", "comment"})
      Put(&kept, key, JsonString(entry, key));
    if (JsonBool(entry, "empty_layer")) kept["empty_layer"] = true;
    out.history.push_back(std::move(kept));
  }
  const Json& config = JsonMember(document, "config");
  out.user = JsonString(config, "User");
  out.exposed_ports = Keys(JsonMember(config, "ExposedPorts"));
  out.env = JsonStrings(config, "Env");
  out.entrypoint = JsonStrings(config, "Entrypoint");
  out.cmd = JsonStrings(config, "Cmd");
  out.volumes = Keys(JsonMember(config, "Volumes"));
  out.working_dir = JsonString(config, "WorkingDir");
  const Json& labels = JsonMember(config, "Labels");
  for (const std::string& key : Keys(labels)) out.labels[key] = JsonString(labels, key);
  out.stop_signal = JsonString(config, "StopSignal");
  out.args_escaped = JsonBool(config, "ArgsEscaped");
  const Json& health = JsonMember(config, "Healthcheck");
  if (health.is_object()) {
    Healthcheck h;
    h.test = JsonStrings(health, "Test");
    h.interval = JsonInt(health, "Interval");
    h.timeout = JsonInt(health, "Timeout");
    h.start_period = JsonInt(health, "StartPeriod");
    h.start_interval = JsonInt(health, "StartInterval");
    h.retries = JsonInt(health, "Retries");
    out.healthcheck = h;
  }
  out.on_build = JsonStrings(config, "OnBuild");
  out.shell = JsonStrings(config, "Shell");
  return out;
}

Json EncodeImageConfig(const ImageConfig& c) {
  Json config = Json::object();
  Put(&config, "User", c.user);
  Put(&config, "ExposedPorts", c.exposed_ports);
  Put(&config, "Env", c.env);
  Put(&config, "Entrypoint", c.entrypoint);
  Put(&config, "Cmd", c.cmd);
  Put(&config, "Volumes", c.volumes);
  Put(&config, "WorkingDir", c.working_dir);
  for (const auto& [key, value] : c.labels) config["Labels"][key] = value;
  Put(&config, "StopSignal", c.stop_signal);
  if (c.args_escaped) config["ArgsEscaped"] = true;
  if (c.healthcheck.has_value()) {
    Json health = Json::object();
    Put(&health, "Test", c.healthcheck->test);
    Put(&health, "Interval", c.healthcheck->interval);
    Put(&health, "Timeout", c.healthcheck->timeout);
    Put(&health, "StartPeriod", c.healthcheck->start_period);
    Put(&health, "StartInterval", c.healthcheck->start_interval);
    Put(&health, "Retries", c.healthcheck->retries);
    config["Healthcheck"] = std::move(health);
  }
  Put(&config, "OnBuild", c.on_build);
  Put(&config, "Shell", c.shell);

  Json out = Json::object();
  out["architecture"] = c.architecture;
  Put(&out, "author", c.author);
  out["config"] = std::move(config);
  if (!c.history.empty()) out["history"] = c.history;
  out["os"] = c.os;
  Put(&out, "os.features", c.os_features);
  Put(&out, "os.version", c.os_version);
  Put(&out, "variant", c.variant);
  return out;
}

}  // namespace kasane
