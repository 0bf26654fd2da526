// `.kasane/stages.json`: what each stage of the build would be as an image.
//   {"version":1,"stages":{"build":{..}}}     by its id; the config document, as far as gen knows it
#ifndef KASANE_GENERATOR_STAGE_CONFIGS_H_
#define KASANE_GENERATOR_STAGE_CONFIGS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "src/base/json.h"

namespace kasane {

inline constexpr char kStageConfigs[] = "stages.json";  // in the state directory

std::string EncodeStageConfigs(const std::map<std::string, Json>& configs);
// `state`: the state directory. The id in any case of letters. kNotFound: the build has no such stage.
absl::StatusOr<Json> ReadStageConfig(const std::string& state, const std::string& stage);

}  // namespace kasane

#endif  // KASANE_GENERATOR_STAGE_CONFIGS_H_
