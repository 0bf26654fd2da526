#include "src/contract/build_secrets.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"

namespace kasane {

constexpr int kVersion = 1;

std::string EncodeBuildSecrets(const BuildSecrets& secrets) {
  Json json = Json::object();
  json["version"] = kVersion;
  for (const auto& [id, source] : secrets.secrets) {
    Json& one = json["secrets"][id] = Json::object();
    if (!source.env.empty()) {
      one["env"] = source.env;
    } else {
      one["path"] = source.path;
    }
  }
  for (const auto& [id, paths] : secrets.agents) json["ssh"][id] = paths;
  return DumpJson(json) + "\n";
}

absl::StatusOr<BuildSecrets> DecodeBuildSecrets(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "secrets.json"));
  if (JsonInt(json, "version") != kVersion) {
    return absl::FailedPreconditionError("secrets.json is of another version; run gen again");
  }
  BuildSecrets out;
  const Json& secrets = JsonMember(json, "secrets");
  for (auto it = secrets.begin(); secrets.is_object() && it != secrets.end(); ++it) {
    out.secrets[it.key()] = {JsonString(it.value(), "path"), JsonString(it.value(), "env")};
  }
  const Json& agents = JsonMember(json, "ssh");
  for (auto it = agents.begin(); agents.is_object() && it != agents.end(); ++it) {
    out.agents[it.key()] = JsonStrings(agents, it.key());
  }
  return out;
}

std::string BuildSecretsPath(absl::string_view dir) { return JoinPath(dir, "secrets.json"); }

absl::StatusOr<BuildSecrets> ReadBuildSecrets(const std::string& dir) {
  const absl::StatusOr<std::string> text = ReadFile(BuildSecretsPath(dir));
  if (absl::IsNotFound(text.status())) return BuildSecrets();
  RETURN_IF_ERROR(text.status());
  return DecodeBuildSecrets(*text);
}

absl::StatusOr<std::string> ReadSecret(const BuildSecrets& all, const std::string& id, bool* found,
                                       std::vector<std::string>* notices) {
  const auto source = all.secrets.find(id);
  *found = source != all.secrets.end();
  if (!*found) return "";
  std::string value;
  if (!source->second.env.empty()) {
    const char* set = std::getenv(source->second.env.c_str());
    if (set == nullptr) {
      notices->push_back(
          absl::StrCat("the secret ", id, " is empty: the environment has no variable ", source->second.env));
    } else {
      value = set;
    }
  } else {
    absl::StatusOr<std::string> read = ReadFile(source->second.path);
    if (!read.ok()) return absl::NotFoundError(absl::StrCat("secret ", id, ": ", read.status().message()));
    value = *std::move(read);
  }
  if (static_cast<int64_t>(value.size()) <= kMaxSecretSize) return value;
  return absl::InvalidArgumentError(
      absl::StrCat("secret ", id, " is too big: ", value.size(), " bytes, ", kMaxSecretSize, " are allowed"));
}

}  // namespace kasane
