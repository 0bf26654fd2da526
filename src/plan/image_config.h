// The config document of an image as the Dockerfile's instructions see and change it.
#ifndef KASANE_SRC_PLAN_IMAGE_CONFIG_H_
#define KASANE_SRC_PLAN_IMAGE_CONFIG_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/json.h"
#include "src/oci/reference.h"

namespace kasane {

// Docker's HEALTHCHECK, durations in nanoseconds; zero means "inherit".
struct Healthcheck {
  std::vector<std::string> test;
  int64_t interval = 0;
  int64_t timeout = 0;
  int64_t start_period = 0;
  int64_t start_interval = 0;
  int64_t retries = 0;
};

// The members that BuildKit knows; any others of a base image's config are dropped, as it drops them.
struct ImageConfig {
  std::string author;
  std::string architecture, os, variant, os_version;
  std::vector<std::string> os_features;
  std::string user;
  std::set<std::string> exposed_ports;  // "8080/tcp"
  std::vector<std::string> env;         // "K=V"
  std::vector<std::string> entrypoint, cmd;
  std::set<std::string> volumes;
  std::string working_dir;
  std::map<std::string, std::string> labels;
  std::string stop_signal;
  bool args_escaped = false;
  absl::optional<Healthcheck> healthcheck;
  std::vector<std::string> on_build;
  std::vector<std::string> shell;
  Json history = Json::array();  // of the base image

  // In place if the name is there, else at the end.
  void SetEnv(absl::string_view name, absl::string_view value);
  bool HasEnv(absl::string_view name) const;
};

// What `FROM scratch` starts from.
ImageConfig ScratchConfig(const Platform& platform);
// `name` stands for the image in the error.
absl::StatusOr<ImageConfig> ParseImageConfig(absl::string_view json, absl::string_view name);
// {"architecture", "author", "config": {...}, "history": [base's entries], "os", ...}; no rootfs, no created.
// Empty members are left out, as Go's omitempty does.
Json EncodeImageConfig(const ImageConfig& config);

inline constexpr char kDefaultPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_IMAGE_CONFIG_H_
