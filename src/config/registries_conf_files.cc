#include <dirent.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/config/registries_conf.h"

namespace kasane {
namespace {

void AppendDropIns(const std::string& directory, std::vector<std::string>* out) {
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(directory.c_str()), &closedir);
  if (dir == nullptr) return;
  std::vector<std::string> names;
  while (const dirent* entry = readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (absl::EndsWith(name, ".conf") && entry->d_type != DT_DIR) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) out->push_back(JoinPath(directory, name));
}

}  // namespace

std::string ProcessEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> FindRegistriesConf(const EnvironmentReader& environment,
                                            const std::string& system_directory) {
  std::string user = environment("XDG_CONFIG_HOME");
  if (user.empty() && !environment("HOME").empty()) user = JoinPath(environment("HOME"), ".config");
  if (!user.empty()) user = JoinPath(user, "containers");

  std::vector<std::string> out;
  bool with_system = true;
  const std::string named = environment("CONTAINERS_REGISTRIES_CONF");
  const std::string of_user = user.empty() ? "" : JoinPath(user, "registries.conf");
  const std::string of_system = JoinPath(system_directory, "registries.conf");
  if (!named.empty()) {
    out.push_back(named);  // also if it is missing: that is an error worth hearing of
  } else if (!of_user.empty() && PathExists(of_user)) {
    out.push_back(of_user);
    with_system = false;
  } else if (PathExists(of_system)) {
    out.push_back(of_system);
  }
  if (with_system) AppendDropIns(JoinPath(system_directory, "registries.conf.d"), &out);
  if (!user.empty()) AppendDropIns(JoinPath(user, "registries.conf.d"), &out);
  return out;
}

absl::StatusOr<RegistriesConf> LoadRegistriesConf(const EnvironmentReader& environment,
                                                  const std::string& override_file) {
  const EnvironmentReader with_override = [&](const char* name) {
    const bool overridden = !override_file.empty() && absl::string_view(name) == "CONTAINERS_REGISTRIES_CONF";
    return overridden ? override_file : environment(name);
  };
  RegistriesConf conf;
  for (const std::string& file : FindRegistriesConf(with_override)) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    std::vector<Diagnostic> diagnostics;
    if (conf.Add(text, file, &diagnostics)) continue;
    std::string message;
    for (const Diagnostic& diagnostic : diagnostics) {
      if (diagnostic.severity == Severity::kError) absl::StrAppend(&message, Render(diagnostic, text, false));
    }
    while (absl::EndsWith(message, "\n")) message.pop_back();
    return absl::InvalidArgumentError(message);
  }
  return conf;
}

}  // namespace kasane
