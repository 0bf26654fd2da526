#include "generator/stage_configs.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;

}  // namespace

std::string EncodeStageConfigs(const std::map<std::string, Json>& configs) {
  Json stages = Json::object();
  for (const auto& [id, config] : configs) stages[id] = config;
  return DumpJson({{"version", kVersion}, {"stages", std::move(stages)}}) + "\n";
}

absl::StatusOr<Json> ReadStageConfig(const std::string& state, const std::string& stage) {
  const std::string path = JoinPath(state, kStageConfigs);
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, path));
  if (JsonInt(json, "version") != kVersion)
    return absl::FailedPreconditionError(absl::StrCat(path, " is of another version; run gen again"));
  for (const auto& [id, config] : JsonMember(json, "stages").items()) {
    if (absl::EqualsIgnoreCase(id, stage)) return config;
  }
  return absl::NotFoundError(absl::StrCat("the build has no stage ", stage));
}

}  // namespace kasane
