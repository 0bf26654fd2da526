#include "src/config/cdi.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/bool.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/list_directory.h"
#include "src/base/status.h"
#include "src/config/yaml.h"

namespace kasane {
namespace {

constexpr char kClass[] = "org.mobyproject.buildkit.device.class";
constexpr char kAutoAllow[] = "org.mobyproject.buildkit.device.autoallow";
constexpr absl::string_view kVersions[] = {"0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0",
                                           "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0"};
constexpr const char* kOtherEdits[] = {"netDevices", "hooks", "intelRdt"};

absl::Status Invalid(absl::string_view what) { return absl::InvalidArgumentError(what); }

// Letters and digits at both ends, between them those of `others` too.
bool IsName(absl::string_view name, absl::string_view others, bool letter_first) {
  const auto alnum = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); };
  if (name.empty() || !alnum(name.front()) || !alnum(name.back())) return false;
  if (letter_first && !absl::ascii_isalpha(static_cast<unsigned char>(name.front()))) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return alnum(c) || absl::StrContains(others, c); });
}

// Reads the members of one object; what nobody has asked for is an error in the end.
class Members {
 public:
  Members(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object() && !json.is_null()) Fail("a mapping is expected");
  }

  const Json& Get(const char* key) {
    known_.insert(key);
    return JsonMember(json_, key);
  }
  bool Has(const char* key) { return !Get(key).is_null(); }

  std::string Text(const char* key) {
    const Json& value = Get(key);
    if (value.is_null()) return "";
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_number_integer()) Fail(absl::StrCat(key, " is no text"));
    return value.is_number_integer() ? DumpJson(value) : "";
  }

  int64_t Number(const char* key, int64_t fallback) { return ToNumber(Get(key), key, fallback); }

  std::vector<std::string> Texts(const char* key) {
    std::vector<std::string> out;
    for (const Json& item : List(key)) {
      if (!item.is_string()) Fail(absl::StrCat(key, " is no list of texts"));
      if (item.is_string()) out.push_back(item.get<std::string>());
    }
    return out;
  }

  std::vector<int64_t> Numbers(const char* key) {
    std::vector<int64_t> out;
    for (const Json& item : List(key)) out.push_back(ToNumber(item, key, 0));
    return out;
  }

  const Json& List(const char* key) {
    static const Json* const kEmpty = new Json(Json::array());
    const Json& list = Get(key);
    if (list.is_array()) return list;
    if (!list.is_null()) Fail(absl::StrCat(key, " is no list"));
    return *kEmpty;
  }

  void Fail(absl::string_view what) {
    if (status_.ok()) status_ = Invalid(absl::StrCat(where_, where_.empty() ? "" : ": ", what));
  }

  absl::Status Finish() {
    if (json_.is_object()) {
      for (const auto& [key, value] : json_.items()) {
        if (known_.count(key) == 0) Fail(absl::StrCat("there is no member \"", key, "\""));
      }
    }
    return status_;
  }

 private:
  int64_t ToNumber(const Json& value, const char* key, int64_t fallback) {
    if (value.is_null()) return fallback;
    if (value.is_number_integer()) return value.get<int64_t>();
    int64_t number = 0;
    if (value.is_string()) {  // YAML
      absl::string_view text = value.get_ref<const std::string&>();
      int base = 10;
      if (absl::ConsumePrefix(&text, "0x")) {
        base = 16;
      } else if (absl::ConsumePrefix(&text, "0o") || (text.size() > 1 && absl::ConsumePrefix(&text, "0"))) {
        base = 8;
      }
      const char* const end = text.data() + text.size();
      const std::from_chars_result read = std::from_chars(text.data(), end, number, base);
      if (read.ec == std::errc() && read.ptr == end) return number;
    }
    Fail(absl::StrCat(key, " is no number"));
    return fallback;
  }

  const Json& json_;
  const std::string where_;
  std::set<std::string> known_;
  absl::Status status_;
};

absl::StatusOr<CdiNode> ReadNode(const Json& json, const std::string& where) {
  Members members(json, where);
  CdiNode node;
  node.path = members.Text("path");
  node.host_path = members.Text("hostPath");
  node.type = members.Text("type");
  node.major = members.Number("major", 0);
  node.minor = members.Number("minor", 0);
  node.mode = members.Number("fileMode", -1);
  node.uid = members.Number("uid", -1);
  node.gid = members.Number("gid", -1);
  node.permissions = members.Text("permissions");
  if (node.path.empty()) members.Fail("a device node needs a path");
  if (!absl::StrContains(" b c u p ", absl::StrCat(" ", node.type, node.type.empty() ? "" : " "))) {
    members.Fail(absl::StrCat("device ", node.path, ": invalid type \"", node.type, "\""));
  }
  if (node.permissions != "none" && node.permissions.find_first_not_of("rwm") != std::string::npos) {
    members.Fail(absl::StrCat("device ", node.path, ": invalid permissions \"", node.permissions, "\""));
  }
  RETURN_IF_ERROR(members.Finish());
  return node;
}

absl::StatusOr<CdiMount> ReadMount(const Json& json, const std::string& where) {
  Members members(json, where);
  CdiMount mount;
  mount.host_path = members.Text("hostPath");
  mount.container_path = members.Text("containerPath");
  mount.options = members.Texts("options");
  mount.type = members.Text("type");
  if (mount.host_path.empty() || mount.container_path.empty()) {
    members.Fail("a mount needs a hostPath and a containerPath");
  }
  RETURN_IF_ERROR(members.Finish());
  return mount;
}

absl::StatusOr<CdiEdits> ReadEdits(const Json& json, const std::string& where) {
  Members members(json, where);
  CdiEdits edits;
  edits.env = members.Texts("env");
  for (const std::string& variable : edits.env) {
    const size_t equals = variable.find('=');
    if (equals == 0 || equals == std::string::npos) {
      members.Fail(absl::StrCat("invalid environment variable \"", variable, "\""));
    }
  }
  for (const Json& item : members.List("deviceNodes")) {
    ASSIGN_OR_RETURN(CdiNode node, ReadNode(item, where));
    edits.nodes.push_back(std::move(node));
  }
  for (const Json& item : members.List("mounts")) {
    ASSIGN_OR_RETURN(CdiMount mount, ReadMount(item, where));
    edits.mounts.push_back(std::move(mount));
  }
  edits.groups = members.Numbers("additionalGids");
  for (const char* other : kOtherEdits) {
    if (members.Has(other)) edits.others.emplace_back(other);
  }
  RETURN_IF_ERROR(members.Finish());
  return edits;
}

void ReadAnnotations(Members* members, std::map<std::string, std::string>* out) {
  const Json& annotations = members->Get("annotations");
  if (annotations.is_null()) return;
  if (!annotations.is_object()) return members->Fail("annotations are a mapping");
  for (const auto& [key, value] : annotations.items()) {
    if (!value.is_string()) return members->Fail("annotations are texts");
    (*out)[key] = value.get<std::string>();
  }
}

absl::StatusOr<CdiDevice> ReadDevice(const Json& json, const std::string& kind, CdiDevice device) {
  Members members(json, "a device");
  const std::string name = members.Text("name");
  if (!IsName(name, "_-.:", false)) members.Fail(absl::StrCat("invalid name \"", name, "\""));
  device.name = absl::StrCat(kind, "=", name);
  ReadAnnotations(&members, &device.annotations);
  ASSIGN_OR_RETURN(device.edits, ReadEdits(members.Get("containerEdits"), absl::StrCat("device ", name)));
  if (!members.Get("containerEdits").is_object() || members.Get("containerEdits").empty()) {
    members.Fail(absl::StrCat("device ", name, " has no containerEdits"));
  }
  RETURN_IF_ERROR(members.Finish());
  return device;
}

std::vector<std::string> FilesIn(const std::string& directory) {
  std::vector<std::string> files;
  for (const std::string& name : NamesIn(directory)) {
    if (absl::EndsWith(name, ".json") || absl::EndsWith(name, ".yaml")) {
      files.push_back(absl::StrCat(directory, "/", name));
    }
  }
  return files;
}

absl::StatusOr<std::vector<CdiDevice>> ReadCdiFile(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  absl::StatusOr<std::vector<CdiDevice>> devices = ParseCdiFile(text, absl::EndsWith(file, ".json"));
  if (devices.ok()) return devices;
  return absl::Status(devices.status().code(), absl::StrCat(file, ": ", devices.status().message()));
}

}  // namespace

absl::StatusOr<std::vector<CdiDevice>> ParseCdiFile(absl::string_view text, bool json) {
  absl::StatusOr<Json> parsed;
  // JSON is YAML too, whatever the file is called.
  if (json || absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{")) {
    parsed = ParseJson(text, "the description");
  } else {
    Diagnostic error;
    const absl::optional<YamlNode> yaml = ParseYaml(text, "", &error);
    if (!yaml.has_value()) return Invalid(absl::StrCat("line ", error.range.line, ": ", error.message));
    parsed = YamlToJson(*yaml);
  }
  RETURN_IF_ERROR(parsed.status());
  Members members(*parsed, "");
  const std::string version = members.Text("cdiVersion");
  if (std::find(std::begin(kVersions), std::end(kVersions), version) == std::end(kVersions)) {
    return Invalid(absl::StrCat("unknown cdiVersion \"", version, "\""));
  }
  const std::string kind = members.Text("kind");
  const std::pair<std::string, std::string> parts = absl::StrSplit(kind, absl::MaxSplits('/', 1));
  if (!IsName(parts.first, "_-.", true) || !IsName(parts.second, "_-.", true)) {
    return Invalid(absl::StrCat("invalid kind \"", kind, "\": it must be vendor/class"));
  }
  CdiDevice common;
  ReadAnnotations(&members, &common.annotations);
  ASSIGN_OR_RETURN(common.file_edits, ReadEdits(members.Get("containerEdits"), ""));
  std::vector<CdiDevice> devices;
  std::set<std::string> names;
  for (const Json& item : members.List("devices")) {
    ASSIGN_OR_RETURN(CdiDevice device, ReadDevice(item, kind, common));
    if (!names.insert(device.name).second) members.Fail(absl::StrCat(device.name, " stands there twice"));
    devices.push_back(std::move(device));
  }
  RETURN_IF_ERROR(members.Finish());
  if (devices.empty()) return Invalid("there are no devices in it");
  return devices;
}

CdiDevices CdiDevices::Load(const std::vector<std::string>& directories) {
  CdiDevices out;
  for (const std::string& directory : directories) {
    std::set<std::string> here, twice;
    for (const std::string& file : FilesIn(directory)) {
      out.files.push_back(file);
      absl::StatusOr<std::vector<CdiDevice>> devices = ReadCdiFile(file);
      if (!devices.ok()) {
        out.problems.push_back(devices.status());
        continue;
      }
      for (CdiDevice& device : *devices) {
        if (!here.insert(device.name).second) twice.insert(device.name);
        device.file = file;
        out.devices[device.name] = std::move(device);
      }
    }
    for (const std::string& name : twice) {
      out.devices.erase(name);
      out.problems.push_back(Invalid(absl::StrCat(directory, ": two files describe ", name)));
    }
  }
  return out;
}

std::vector<const CdiDevice*> CdiDevices::Find(const std::string& name) const {
  std::vector<const CdiDevice*> found;
  const std::pair<std::string, std::string> parts = absl::StrSplit(name, absl::MaxSplits('=', 1));
  const size_t slash = parts.first.find('/');
  if (slash != 0 && slash != std::string::npos && slash + 1 < parts.first.size()) {
    for (const auto& [known, device] : devices) {
      const bool of_kind = absl::StartsWith(known, parts.first + "=");
      const bool all = parts.second == "*";
      if (known == name || (of_kind && (all || (parts.second.empty() && found.empty())))) {
        found.push_back(&device);
      }
    }
  }
  if (!found.empty()) return found;
  for (const auto& [known, device] : devices) {
    const auto annotated = device.annotations.find(kClass);
    if (annotated != device.annotations.end() && annotated->second == name) found.push_back(&device);
  }
  return found;
}

bool IsAllowedToAll(const CdiDevice& device) {
  const auto said = device.annotations.find(kAutoAllow);
  bool allowed = false;
  return said != device.annotations.end() && ParseBool(said->second, &allowed) && allowed;
}

}  // namespace kasane
